//! Known holes in PostgreSQL's row-level security, by the minor version that closed them.

use bulkhead_model::isolation::{Catalogue, Code, Finding, Object, ObjectKind};

/// A hole, as <https://www.postgresql.org/support/security/> and the release notes have it.
struct Hole {
    cve: &'static str,
    what: &'static str,
    /// Rows can be reached; otherwise values of hidden rows leak through statistics.
    rows: bool,
    /// The first and the last major version that had it. Before 10 nothing is maintained, and everything is open.
    majors: (u32, u32),
    /// Major and minor version that closed it. A major version within the range and not here was never mended.
    closed: &'static [(u32, u32)],
}

const HOLES: [Hole; 9] = [
    Hole {
        cve: "CVE-2017-15099",
        what: "INSERT … ON CONFLICT DO UPDATE discloses rows that policies hide",
        rows: true,
        majors: (10, 10),
        closed: &[(10, 1)],
    },
    Hole {
        cve: "CVE-2018-10925",
        what: "INSERT … ON CONFLICT DO UPDATE through a view reads and writes what it should not",
        rows: true,
        majors: (10, 10),
        closed: &[(10, 5)],
    },
    Hole {
        cve: "CVE-2019-10130",
        what: "an operator of one’s own is shown sampled values of rows that policies hide",
        rows: false,
        majors: (10, 11),
        closed: &[(11, 3), (10, 8)],
    },
    Hole {
        cve: "CVE-2023-2455",
        what: "after inlining a function the policies of another role apply",
        rows: true,
        majors: (10, 15),
        closed: &[(15, 3), (14, 8), (13, 11), (12, 15), (11, 20)],
    },
    Hole {
        cve: "CVE-2023-39418",
        what: "MERGE does not enforce UPDATE and SELECT policies",
        rows: true,
        majors: (15, 15),
        closed: &[(15, 4)],
    },
    Hole {
        cve: "CVE-2024-4317",
        what: "pg_stats_ext shows values of columns that one may not read",
        rows: false,
        majors: (14, 16),
        closed: &[(16, 3), (15, 7), (14, 12)],
    },
    Hole {
        cve: "CVE-2024-10976",
        what: "a reused plan applies the policies of another role, below sub-queries and views",
        rows: true,
        majors: (10, 17),
        closed: &[(17, 1), (16, 5), (15, 9), (14, 14), (13, 17), (12, 21)],
    },
    Hole {
        cve: "CVE-2024-10978",
        what: "SET ROLE and SET SESSION AUTHORIZATION can leave the wrong role in force",
        rows: true,
        majors: (10, 17),
        closed: &[(17, 1), (16, 5), (15, 9), (14, 14), (13, 17), (12, 21)],
    },
    Hole {
        cve: "CVE-2025-8713",
        what: "statistics of views, partitions and child tables show sampled values of hidden rows",
        rows: false,
        majors: (10, 17),
        closed: &[(17, 6), (16, 10), (15, 14), (14, 19), (13, 22)],
    },
];

impl Hole {
    fn is_open(&self, major: u32, minor: u32) -> bool {
        let (first, last) = self.majors;
        let closed = self.closed.iter().any(|&(in_major, in_minor)| major == in_major && minor >= in_minor);
        major < 10 || ((first..=last).contains(&major) && !closed)
    }
}

/// One finding for the holes that reach rows, one for those that leak values.
pub(super) fn lint(catalogue: &Catalogue) -> Vec<Finding> {
    // Since 10 the number is the major version and four digits of minor.
    let (major, minor) = (catalogue.server_version_num / 10_000, catalogue.server_version_num % 10_000);
    let findings = [(true, Code::ServerRlsCve), (false, Code::ServerStatisticsCve)].map(|(rows, code)| {
        let open: Vec<&Hole> = HOLES.iter().filter(|hole| hole.rows == rows && hole.is_open(major, minor)).collect();
        let list: Vec<String> = open.iter().map(|hole| format!("{} ({})", hole.cve, hole.what)).collect();
        let sentence = format!("PostgreSQL {} has {}.", catalogue.server_version, list.join(", "));
        let closed = open
            .iter()
            .map(|hole| hole.closed.iter().find(|(in_major, _)| *in_major == major).map(|(_, minor)| *minor));
        let fix = match closed.collect::<Option<Vec<u32>>>().and_then(|minors| minors.into_iter().max()) {
            Some(minor) => format!("-- Install {major}.{minor} or later, and restart."),
            None => "-- This major version is no longer mended. Upgrade to a maintained one.".to_owned(),
        };
        let object = Object::named(ObjectKind::Server, format!("PostgreSQL {}", catalogue.server_version));
        (!open.is_empty()).then(|| Finding::new(code, object, sentence).fixed_by(fix))
    });
    findings.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(major: u32, minor: u32) -> Vec<&'static str> {
        HOLES.iter().filter(|hole| hole.is_open(major, minor)).map(|hole| hole.cve).collect()
    }

    #[test]
    fn each_release_closes_what_its_notes_say() {
        assert_eq!(open(15, 18), [""; 0]);
        assert_eq!(open(18, 0), [""; 0]);
        assert_eq!(open(15, 13), ["CVE-2025-8713"]);
        assert_eq!(open(17, 0), ["CVE-2024-10976", "CVE-2024-10978", "CVE-2025-8713"]);
        assert_eq!(open(16, 2), ["CVE-2024-4317", "CVE-2024-10976", "CVE-2024-10978", "CVE-2025-8713"]);
        assert!(open(15, 3).contains(&"CVE-2023-39418") && !open(15, 4).contains(&"CVE-2023-39418"));
        assert!(open(15, 2).contains(&"CVE-2023-2455") && !open(15, 3).contains(&"CVE-2023-2455"));
        assert_eq!(open(12, 22), ["CVE-2025-8713"], "12 was given up before that one was found");
        assert_eq!(open(9, 624).len(), HOLES.len());
    }
}
