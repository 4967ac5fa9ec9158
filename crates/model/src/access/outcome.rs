//! What becomes of people when a role is given to many of them or taken from many, in words that programs compare.

use crate::org::words;

words! {
    /// What becomes of one person.
    Prospect {
        /// They did not hold the role there and get it.
        Gains = "gains", "Gets it";
        /// They hold it there, and from now on for another time.
        Changes = "changes", "Other times";
        /// It is taken from them.
        Loses = "loses", "Loses it";
        /// It is as it should be already.
        Stays = "stays", "As it is";
        /// They are left out.
        Cannot = "cannot", "Left out";
    }
}

impl Prospect {
    /// Whether something is done.
    #[must_use]
    pub const fn acts(self) -> bool {
        matches!(self, Self::Gains | Self::Changes | Self::Loses)
    }
}

words! {
    /// Why somebody is left out. Part of the API: no word is renamed or reused.
    LeftOut {
        NotFound = "not_found", "Nobody here";
        NotAnAddress = "not_an_address", "No address";
        ListedTwice = "listed_twice", "Listed twice";
        Removed = "removed", "Removed";
        BeyondOwnRole = "beyond_own_role", "Stands above you";
        TooManyRoles = "too_many_roles", "Too many roles";
        NotAMember = "not_a_member", "Not in the workspace";
        LastAdmin = "last_admin", "Last admin";
        DutyConflict = "duty_conflict", "Duties that exclude each other";
        ChangedMeanwhile = "changed_meanwhile", "Changed meanwhile";
    }
}
