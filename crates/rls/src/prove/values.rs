//! Values that a column may take: first recognizable ones, then whatever its constraints name.

use sha2::{Digest, Sha256};

use super::quoting::{literals, numbers};
use super::survey::TypeFacts;

/// Whose row it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Owner {
    /// The organization that attacks.
    A,
    /// The one that is attacked.
    B,
    /// An organization that has no row of its own yet, for making one.
    New,
    /// An organization that the schema itself names, such as one that a function falls back to.
    Named,
    /// Nobody: the tenant column is NULL, or the table has none.
    Nobody,
}

/// A row's tenant key in a column of `base`; `None` for a type in which keys cannot be made.
pub(super) fn key(owner: Owner, base: &str) -> Option<String> {
    let number = match owner {
        Owner::A => 1,
        Owner::B => 2,
        Owner::New => 3,
        Owner::Named | Owner::Nobody => return None,
    };
    Some(match base {
        "uuid" => format!("b01bead0-0000-4000-8000-00000000000{number}"),
        "int2" => format!("3071{number}"),
        "int4" | "int8" | "numeric" => format!("91028374{number}"),
        "text" | "varchar" | "citext" | "name" => format!("bhproof{}", ["", "aaaa", "bbbb", "cccc"][number]),
        "bpchar" => ["", "pa", "pb", "pc"][number].to_owned(),
        _ => return None,
    })
}

/// What makes one value differ from another: the same seed gives the same value in every run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed<'a> {
    pub table: &'a str,
    pub column: &'a str,
    pub owner: Owner,
    /// The how-manieth row, and raised further when a value is taken.
    pub variant: u32,
}

impl Seed<'_> {
    fn bytes(self) -> [u8; 32] {
        Sha256::digest(format!("{}\n{}\n{:?}\n{}", self.table, self.column, self.owner, self.variant)).into()
    }

    /// Twelve small letters: fits most shapes, and occurs nowhere by accident.
    fn letters(self) -> String {
        self.bytes()[..12].iter().map(|byte| char::from(b'a' + byte % 26)).collect()
    }

    fn number(self) -> u32 {
        let bytes = self.bytes();
        u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }
}

/// Candidates for a column, the most recognizable first. `constraints` are expressions that speak about the column:
/// what they quote and count is tried as well. NULL comes last, where it is allowed.
pub(super) fn candidates(
    facts: &TypeFacts,
    seed: Seed<'_>,
    nullable: bool,
    constraints: &[&str],
) -> Vec<Option<String>> {
    let own_checks = facts.checks.iter().map(|(_, expression)| expression.as_str());
    let expressions: Vec<&str> = constraints.iter().copied().chain(own_checks).collect();
    let mut all = if facts.labels.is_empty() { of_type(&facts.base, seed, &expressions) } else { facts.labels.clone() };
    all.extend(expressions.iter().flat_map(|expression| literals(expression)));
    if let Some(length) = facts.length {
        for text in &mut all {
            *text = text.chars().take(length).collect();
        }
    }
    let mut unique: Vec<Option<String>> = Vec::with_capacity(all.len() + 1);
    for text in all {
        if !unique.iter().any(|known| known.as_deref() == Some(text.as_str())) {
            unique.push(Some(text));
        }
    }
    if nullable {
        unique.push(None);
    }
    unique
}

fn of_type(base: &str, seed: Seed<'_>, expressions: &[&str]) -> Vec<String> {
    let counted: Vec<i64> = expressions.iter().flat_map(|expression| numbers(expression)).collect();
    let hexadecimal: String = seed.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let near = |first: Vec<i64>| {
        let around = counted.iter().flat_map(|n| [*n, n.saturating_add(1), n.saturating_sub(1)]);
        first.into_iter().chain(around).map(|n| n.to_string()).collect::<Vec<_>>()
    };
    let strings = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    match base {
        "text" | "varchar" | "bpchar" | "citext" | "name" => texts(seed, &hexadecimal, &counted),
        "uuid" => vec![uuid(&hexadecimal)],
        "int2" => near(vec![i64::from(seed.number() % 20_000) + 10_000, 1, 0, -1]),
        "int4" | "oid" => near(vec![i64::from(seed.number() % 900_000_000) + 100_000_000, 1, 0, -1]),
        "int8" | "numeric" => near(vec![i64::from(seed.number()) + 10_000_000_000, 1, 0, -1]),
        "float4" | "float8" => strings(&["0.5", "1", "0", "-1"]).into_iter().chain(near(Vec::new())).collect(),
        "money" => strings(&["1"]),
        "bool" => strings(&["true", "false"]),
        "bytea" => {
            let of_length = |n: &i64| usize::try_from(*n).ok().filter(|n| (1..=4096).contains(n));
            let repeated = |n: usize| format!("\\x{}", hexadecimal.chars().cycle().take(n * 2).collect::<String>());
            let mut all = vec![repeated(16)];
            all.extend(counted.iter().filter_map(of_length).map(repeated));
            all
        }
        "timestamptz" | "timestamp" | "date" => {
            strings(&["2020-01-01", "2031-01-01", "now", "2099-12-31", "1999-01-01", "infinity"])
        }
        "time" | "timetz" => strings(&["12:00:00"]),
        "interval" => strings(&["1 day", "1 hour", "0"]),
        "json" | "jsonb" => vec![
            format!("{{\"canary\": \"{}\"}}", seed.letters()),
            format!("[\"{}\"]", seed.letters()),
            format!("\"{}\"", seed.letters()),
            "1".to_owned(),
        ],
        "inet" => vec![format!("2001:db8::{:x}", seed.number() % 65_535), "192.0.2.7".to_owned()],
        "cidr" => strings(&["192.0.2.0/24", "2001:db8::/32"]),
        "macaddr" => strings(&["08:00:2b:01:02:03"]),
        "macaddr8" => strings(&["08:00:2b:01:02:03:04:05"]),
        "xml" => vec![format!("<canary>{}</canary>", seed.letters())],
        "tsvector" | "tsquery" => vec![seed.letters()],
        "point" => strings(&["(1,1)"]),
        "bit" | "varbit" => strings(&["1", "0"]),
        "int4range" | "int8range" | "numrange" => strings(&["[1,2)", "empty"]),
        "tstzrange" | "tsrange" | "daterange" => strings(&["[2020-01-01,2020-01-02)", "empty"]),
        "ltree" | "hstore" => vec![seed.letters()],
        array if array.starts_with('_') => {
            let inner = of_type(&array[1..], seed, expressions);
            let quoted = |text: &String| format!("{{\"{}\"}}", text.replace('\\', "\\\\").replace('"', "\\\""));
            inner.iter().map(quoted).chain(["{}".to_owned()]).collect()
        }
        _ => strings(&["", "0", "1", "{}"]),
    }
}

/// Shapes that constraints on text ask for, from the most telling to the poorest.
fn texts(seed: Seed<'_>, hexadecimal: &str, counted: &[i64]) -> Vec<String> {
    let letters = seed.letters();
    let digits: String = seed.bytes()[..12].iter().map(|byte| char::from(b'1' + byte % 9)).collect();
    let mut all = vec![
        letters.clone(),
        format!("{letters}@proof.example"),
        format!("{letters}.canary"),
        format!("https://{letters}.example/"),
        format!("{letters}.example"),
        format!("/{letters}"),
        format!("{letters}_1"),
        format!("{letters}-1"),
        letters.to_uppercase(),
        format!("{}{}", letters[..1].to_uppercase(), &letters[1..]),
        hexadecimal.to_owned(),
        hexadecimal[..40].to_owned(),
        hexadecimal[..32].to_owned(),
        uuid(hexadecimal),
        digits.clone(),
        format!("+{digits}"),
        "1.0.0".to_owned(),
        format!("#{}", &hexadecimal[..6]),
    ];
    for length in counted.iter().filter_map(|n| usize::try_from(*n).ok()).filter(|n| (1..=4096).contains(n)) {
        all.extend(
            [letters.as_str(), &letters.to_uppercase(), hexadecimal, &digits]
                .iter()
                .map(|text| text.chars().cycle().take(length).collect::<String>()),
        );
    }
    all.extend(
        [&letters[..6], &letters[..3], &letters[..2], &letters[..1], "EUR", "DE", "en", "en-GB", "Europe/Berlin"]
            .map(str::to_owned),
    );
    all.extend(["0", "1", ""].map(str::to_owned));
    all
}

fn uuid(hexadecimal: &str) -> String {
    let h = hexadecimal;
    format!("{}-{}-4{}-8{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed<'_> = Seed { table: "t", column: "c", owner: Owner::B, variant: 0 };

    fn facts(base: &str, length: Option<usize>) -> TypeFacts {
        TypeFacts { base: base.to_owned(), labels: Vec::new(), checks: Vec::new(), length }
    }

    #[test]
    fn values_repeat_and_differ_by_owner() {
        let other = Seed { owner: Owner::A, ..SEED };
        let first = |seed| candidates(&facts("text", None), seed, false, &[]).swap_remove(0);
        assert_eq!(first(SEED), first(SEED));
        assert_ne!(first(SEED), first(other));
        assert_ne!(key(Owner::A, "uuid"), key(Owner::B, "uuid"));
        assert_eq!(key(Owner::A, "point"), None);
    }

    #[test]
    fn what_a_constraint_names_is_tried() {
        let status = candidates(&facts("text", None), SEED, true, &["(status = ANY (ARRAY['on'::text, 'off'::text]))"]);
        assert!(status.contains(&Some("off".to_owned())) && status.last() == Some(&None));
        let hash = candidates(&facts("bytea", None), SEED, false, &["(octet_length(hash) = 32)"]);
        assert!(hash.iter().flatten().any(|value| value.len() == 2 + 64));
        assert!(candidates(&facts("varchar", Some(3)), SEED, false, &[]).iter().flatten().all(|text| text.len() <= 3));
    }
}
