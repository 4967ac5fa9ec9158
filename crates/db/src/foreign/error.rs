//! Why a foreign database was not looked at: sentences for the person who asked, with nothing secret in them.

use bulkhead_rls::{
    adopt::AdoptError,
    prove,
    xray::{self, QuestionError},
};

use super::{Address, AddressError};

/// The answer of everything here.
pub type ForeignResult<T> = Result<T, ForeignError>;

/// Why a foreign database was not looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForeignError {
    /// The address cannot be used.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// Nobody answers there.
    #[error("{place} does not answer: {reason}")]
    Unreachable {
        /// `host:port`.
        place: String,
        /// What the operating system says, or how long it was waited for.
        reason: String,
    },
    /// No encrypted connection, or one to somebody else.
    #[error(
        "there is no trustworthy TLS connection to {place}: {reason}. A certificate authority of your own is named by \
         sslrootcert=/path/of/ca.pem in the address"
    )]
    Tls {
        /// `host:port`.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// Wrong password, or no such way in.
    #[error("{place} did not let {user} in: wrong password, unknown role, or not allowed from here (SQLSTATE {state})")]
    SignIn {
        /// `host:port`.
        place: String,
        /// Who asked.
        user: String,
        /// PostgreSQL's code.
        state: String,
    },
    /// The server has no such database.
    #[error("{place} has no database {database}")]
    NoDatabase {
        /// `host:port`.
        place: String,
        /// The database.
        database: String,
    },
    /// A connection pooler stands in between.
    #[error("{place} refuses settings of a connection, as poolers do: give the address of PostgreSQL itself")]
    Pooler {
        /// `host:port`.
        place: String,
    },
    /// Rights are missing.
    #[error("{user} may not do what is needed for {doing}: {reason}")]
    Rights {
        /// Who signed in.
        user: String,
        /// For what.
        doing: String,
        /// What PostgreSQL says, or what is missing.
        reason: String,
    },
    /// Somebody was changing the schema all the while.
    #[error("the catalogue changed while it was read, {0} times in a row: ask again when nobody migrates")]
    Changed(usize),
    /// What was read had gone, or lost a part, before it was read whole; or it is of a kind that is not known here.
    #[error(
        "the catalogue could not be read whole, tried {tries} times: it changes while it is read, or holds something that \
         this version does not know ({reason})"
    )]
    Unsettled {
        /// How often it was read.
        tries: usize,
        /// What the last attempt ended with.
        reason: String,
    },
    /// It took longer than is allowed on somebody else's server.
    #[error("{doing} took longer than {seconds} seconds and was given up")]
    TooSlow {
        /// What.
        doing: String,
        /// How long it may take.
        seconds: u64,
    },
    /// The connection ended.
    #[error("the connection to {place} was lost while {doing}: {reason}")]
    Lost {
        /// `host:port`.
        place: String,
        /// During what.
        doing: String,
        /// What the driver says.
        reason: String,
    },
    /// PostgreSQL refused for another reason.
    #[error("PostgreSQL refused while {doing}: {reason} (SQLSTATE {state})")]
    Refused {
        /// During what.
        doing: String,
        /// PostgreSQL's words.
        reason: String,
        /// PostgreSQL's code.
        state: String,
    },
    /// The X-ray cannot be asked that.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// There is no migration to print.
    #[error(transparent)]
    Adopt(#[from] AdoptError),
    /// The proof could not be made for a reason of its own.
    #[error("{0}")]
    Proof(String),
    /// The run was cancelled; copies were dropped.
    #[error("cancelled; the copies were dropped")]
    Cancelled,
}

impl ForeignError {
    /// What happened while there was no connection yet.
    pub(super) fn connecting(address: &Address, error: sqlx::Error) -> Self {
        let (place, user) = (place(address), address.user().to_owned());
        match error {
            sqlx::Error::Tls(reason) => Self::Tls { place, reason: reason.to_string() },
            sqlx::Error::Io(error) if is_certificate(&error) => Self::Tls { place, reason: error.to_string() },
            sqlx::Error::Io(error) => Self::Unreachable { place, reason: error.to_string() },
            sqlx::Error::Database(error) => {
                let state = error.code().unwrap_or_default().into_owned();
                match state.as_str() {
                    "28000" | "28P01" => Self::SignIn { place, user, state },
                    "3D000" => Self::NoDatabase { place, database: address.database().to_owned() },
                    "08P01" => Self::Pooler { place },
                    "42501" => {
                        Self::Rights { user, doing: "signing in".to_owned(), reason: error.message().to_owned() }
                    }
                    _ => Self::Unreachable { place, reason: format!("{} (SQLSTATE {state})", error.message()) },
                }
            }
            // A proxy, a web server, or a signature of SCRAM that is not PostgreSQL's.
            sqlx::Error::Protocol(_) => Self::Unreachable {
                place,
                reason: "what answers there does not speak PostgreSQL’s protocol".to_owned(),
            },
            _ => Self::Unreachable { place, reason: "the connection could not be made".to_owned() },
        }
    }

    /// What happened during `doing`.
    pub(super) fn during(address: &Address, doing: &str, seconds: u64, error: &sqlx::Error) -> Self {
        let doing = doing.to_owned();
        if matches!(error, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) {
            return Self::Unsettled { tries: 1, reason: error.to_string() };
        }
        let sqlx::Error::Database(error) = error else {
            return Self::Lost { place: place(address), doing, reason: error.to_string() };
        };
        let (state, reason) = (error.code().unwrap_or_default().into_owned(), error.message().to_owned());
        match state.as_str() {
            "42501" => Self::Rights { user: address.user().to_owned(), doing, reason },
            "57014" | "55P03" => Self::TooSlow { doing, seconds },
            "57P01" | "57P02" | "57P03" => Self::Lost { place: place(address), doing, reason },
            _ => Self::Refused { doing, reason, state },
        }
    }

    pub(super) fn of_rls(address: &Address, doing: &str, seconds: u64, error: &bulkhead_rls::Error) -> Self {
        match error {
            bulkhead_rls::Error::Database(error) => Self::during(address, doing, seconds, error),
            bulkhead_rls::Error::Unexpected(reason) => {
                Self::Refused { doing: doing.to_owned(), reason: reason.clone(), state: "none".to_owned() }
            }
        }
    }

    pub(super) fn of_xray(address: &Address, seconds: u64, error: xray::Error) -> Self {
        match error {
            xray::Error::Question(question) => Self::Question(question),
            xray::Error::Rls(error) => Self::of_rls(address, "looking at the row", seconds, &error),
        }
    }

    pub(super) fn of_proof(address: &Address, seconds: u64, error: prove::Error) -> Self {
        match error {
            prove::Error::Database { doing, source } => Self::during(address, doing, seconds, &source),
            prove::Error::Catalogue(error) => Self::of_rls(address, "reading the catalogue", seconds, &error),
            prove::Error::Cancelled => Self::Cancelled,
            error @ (prove::Error::Url(_)
            | prove::Error::NoDump { .. }
            | prove::Error::Dump(_)
            | prove::Error::Randomness(_)) => Self::Proof(error.to_string()),
        }
    }

    /// Whether nobody could be asked at all, which is not the fault of the question.
    #[must_use]
    pub const fn is_no_way_in(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Tls { .. }
                | Self::SignIn { .. }
                | Self::NoDatabase { .. }
                | Self::Pooler { .. }
                | Self::Lost { .. }
        )
    }
}

/// `host:port`.
pub(super) fn place(address: &Address) -> String {
    format!("{}:{}", address.host(), address.port())
}

/// rustls reports a bad certificate through the socket's error.
fn is_certificate(error: &std::io::Error) -> bool {
    let text = error.to_string();
    error.kind() == std::io::ErrorKind::InvalidData || text.contains("certificate") || text.contains("TLS")
}

/// Whether an error says that something was there when the list was read, and is not any more. PostgreSQL's own functions
/// look past the transaction's snapshot: of what is gone they say that it is not there, or NULL.
pub(super) fn is_of_a_moving_catalogue(error: &bulkhead_rls::Error) -> bool {
    let error = match error {
        bulkhead_rls::Error::Database(sqlx::Error::Database(error)) => error,
        bulkhead_rls::Error::Database(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_))
        | bulkhead_rls::Error::Unexpected(_) => return true,
        bulkhead_rls::Error::Database(_) => return false,
    };
    let state = error.code().unwrap_or_default();
    matches!(&*state, "42P01" | "42704" | "42883" | "3F000")
        || state == "XX000"
            && ["cache lookup failed", "could not open relation", "could not find"]
                .iter()
                .any(|words| error.message().contains(words))
}
