//! Seeded defects, each caught by name: in one database, so that one proof meets them all, each in a table of its own
//! beside one that is sound.

use bulkhead_model::isolation::{Attack, Cell, Standing};

use super::{GROUND, has_leak, leaks, options, run, sound_table};
use crate::database::Blank;

/// A defect: its table, what is done to the sound table, and the cells that must leak (in the table, unless named).
struct Defect {
    table: &'static str,
    change: &'static str,
    caught: &'static [(&'static str, Attack)],
}

const fn defect(table: &'static str, change: &'static str, caught: &'static [(&'static str, Attack)]) -> Defect {
    Defect { table, change, caught }
}

const OWN: &str = "org_id = (SELECT app.org_id())";

const DEFECTS: &[Defect] = {
    use Attack::*;
    &[
        defect(
            "no_rls",
            "ALTER TABLE no_rls DISABLE ROW LEVEL SECURITY",
            &[("", SelectOwn), ("", UpdateOwn), ("", DeleteOwn), ("", InsertOwn), ("", CopyTo), ("", CopyFrom), ("", ErrorOracle), ("", TimingOracle), ("", Statistics)],
        ),
        defect(
            "owned",
            "ALTER TABLE owned NO FORCE ROW LEVEL SECURITY; ALTER TABLE owned OWNER TO bulkhead_app",
            &[("", SelectOwn), ("", SelectMissing), ("", DisableProtection), ("", RowSecurityOff)],
        ),
        defect("owned_forced", "ALTER TABLE owned_forced OWNER TO bulkhead_app", &[("", DisableProtection)]),
        defect("using_true", "ALTER POLICY mine ON using_true USING (true)", &[("", SelectOwn), ("", SelectGarbage)]),
        defect("or_true", "ALTER POLICY mine ON or_true USING ({own} OR length(title) >= 0)", &[("", SelectOwn), ("", SelectOther)]),
        defect(
            "second_policy",
            "CREATE POLICY support ON second_policy FOR SELECT TO bulkhead_app USING (title IS NOT NULL)",
            &[("", SelectOwn)],
        ),
        defect(
            "or_no_context",
            "ALTER POLICY mine ON or_no_context USING ({own} OR (SELECT app.org_id()) IS NULL)",
            &[("", SelectMissing), ("", SelectEmpty), ("", StalePool), ("", CancelledTransaction), ("", Savepoint)],
        ),
        defect(
            "or_no_owner",
            "ALTER TABLE or_no_owner DROP CONSTRAINT or_no_owner_pkey, ALTER org_id DROP NOT NULL;
             ALTER POLICY mine ON or_no_owner USING ({own} OR org_id IS NULL)",
            &[("", SelectUnowned)],
        ),
        defect("loose_check", "ALTER POLICY mine ON loose_check WITH CHECK (true)", &[("", InsertOwn), ("", InsertMissing), ("", Move)]),
        defect(
            "select_only",
            "DROP POLICY mine ON select_only;
             CREATE POLICY mine ON select_only FOR SELECT TO bulkhead_app USING ({own});
             CREATE POLICY edit ON select_only FOR UPDATE TO bulkhead_app USING (true) WITH CHECK (true)",
            &[("", UpdateOwn), ("", UpdateMissing), ("", Move)],
        ),
        defect(
            "delete_hole",
            "CREATE POLICY tidy ON delete_hole FOR DELETE TO bulkhead_app USING (true)",
            &[("", DeleteOwn), ("", DeleteEmpty)],
        ),
        defect(
            "role_by_setting",
            "CREATE POLICY admins ON role_by_setting TO bulkhead_app USING (current_setting('app.role', true) = 'SUPPORT')",
            &[("", OtherSettings)],
        ),
        defect(
            "to_public",
            "CREATE POLICY operators ON to_public USING (nullif(current_setting('app.operator_id', true), '') IS NOT NULL)",
            &[("", OtherSettings)],
        ),
        defect(
            "child",
            "ALTER TABLE sound ADD UNIQUE (id); ALTER TABLE child ADD parent uuid NOT NULL REFERENCES sound (id)",
            &[("", ForeignKey)],
        ),
        defect("unique_title", "ALTER TABLE unique_title ADD UNIQUE (title)", &[("", UniqueProbe), ("", OnConflict)]),
        defect(
            "viewed",
            "CREATE VIEW viewed_titles AS SELECT title FROM viewed; GRANT SELECT ON viewed_titles TO bulkhead_app",
            &[("public.viewed_titles", View)],
        ),
        defect(
            "kept",
            "CREATE MATERIALIZED VIEW kept_titles AS SELECT title FROM kept; GRANT SELECT ON kept_titles TO bulkhead_app",
            &[("public.kept_titles", MaterializedView)],
        ),
        defect(
            "called",
            "CREATE FUNCTION all_of_called() RETURNS SETOF called LANGUAGE sql STABLE SECURITY DEFINER
                 SET search_path = pg_catalog, pg_temp AS 'SELECT * FROM public.called';
             CREATE FUNCTION one_of_called(org uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER
                 SET search_path = pg_catalog, pg_temp AS 'SELECT title FROM public.called WHERE org_id = org LIMIT 1'",
            &[("public.all_of_called()", Function), ("public.one_of_called(org uuid)", Function)],
        ),
        defect(
            "summed",
            "CREATE VIEW summed_up AS SELECT count(*) AS rows FROM summed; GRANT SELECT ON summed_up TO bulkhead_app;
             CREATE FUNCTION sum_up() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER
                 SET search_path = pg_catalog, pg_temp AS 'SELECT count(*) FROM public.summed'",
            &[("public.summed_up", Influence), ("public.sum_up()", Influence)],
        ),
        defect("truncated", "GRANT TRUNCATE ON truncated TO bulkhead_app", &[("", Truncate)]),
        defect(
            "defaulted",
            "CREATE FUNCTION app.org_or_default() RETURNS uuid LANGUAGE sql STABLE
                 RETURN coalesce(nullif(current_setting('app.org_id', true), ''), '0f0f0f0f-0000-4000-8000-000000000009')::uuid;
             ALTER POLICY mine ON defaulted USING (org_id = (SELECT app.org_or_default()))",
            &[("context", DefaultContext), ("", SelectMissing), ("", SelectEmpty)],
        ),
        defect(
            "open_when_empty",
            "ALTER POLICY mine ON open_when_empty USING (
                 CASE WHEN current_setting('app.org_id', true) = '' THEN true ELSE {own} END)",
            &[("", SelectEmpty), ("", StalePool)],
        ),
        defect(
            "counted",
            "ALTER TABLE counted ADD number bigserial; GRANT USAGE ON SEQUENCE counted_number_seq TO bulkhead_app",
            &[("public.counted_number_seq", Sequence)],
        ),
        defect(
            "notified",
            "CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN PERFORM pg_notify('changes', row_to_json(NEW)::text); RETURN NEW; END $$;
             CREATE TRIGGER tell AFTER INSERT ON notified FOR EACH ROW EXECUTE FUNCTION tell()",
            &[("channel changes", Notification)],
        ),
        defect(
            "sliced",
            "DROP TABLE sliced;
             CREATE TABLE sliced (org_id uuid NOT NULL DEFAULT app.org_id() REFERENCES orgs, id uuid NOT NULL, made date NOT NULL,
                                  PRIMARY KEY (org_id, id, made)) PARTITION BY RANGE (made);
             CREATE TABLE slice PARTITION OF sliced FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');
             ALTER TABLE sliced ENABLE ROW LEVEL SECURITY;
             ALTER TABLE sliced FORCE ROW LEVEL SECURITY;
             CREATE POLICY mine ON sliced TO bulkhead_app USING ({own}) WITH CHECK ({own});
             GRANT SELECT, INSERT, UPDATE, DELETE ON sliced, slice TO bulkhead_app",
            &[("public.slice", SelectOwn), ("public.slice", InsertOwn)],
        ),
    ]
};

#[tokio::test]
async fn each_defect_is_caught_by_name() {
    let mut sql = GROUND.to_owned();
    sql.push_str(&sound_table("sound", "UNIQUE (org_id, title),"));
    for defect in DEFECTS {
        sql.push_str(&sound_table(defect.table, ""));
    }
    for defect in DEFECTS {
        sql.push_str(&format!("{};\n", defect.change.replace("{own}", OWN)));
    }
    let blank = Blank::create(&sql).await;
    let mut options = options(&blank);
    options.profile.context.org_functions.push("app.org_or_default".to_owned());
    options.profile.context.operator_setting = Some("app.operator_id".to_owned());
    let proof = run(&options).await;
    let all = leaks(&proof).join("\n");
    for defect in DEFECTS {
        for (subject, attack) in defect.caught {
            let own = format!("public.{}", defect.table);
            let subject = if subject.is_empty() { &own } else { *subject };
            let ended: Vec<String> = proof
                .cells
                .iter()
                .filter(|cell| cell.subject == *subject && cell.attack == *attack)
                .map(ToString::to_string)
                .collect();
            assert!(has_leak(&proof, subject, *attack), "{subject} {attack} ended as {ended:?}\nleaks: {all}");
        }
    }
    // What is beside the defects holds; `sound` but for its id, which the foreign key in `child` needs to be unique.
    let elsewhere = |cell: &&Cell| {
        ["public.sound", "public.orgs", "session"].contains(&cell.subject.as_str())
            && !matches!(cell.attack, Attack::UniqueProbe | Attack::OnConflict)
    };
    assert_eq!(proof.leaks().filter(elsewhere).map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!((proof.standing(), proof.could_not_plant.len()), (Standing::Red, 0), "{:?}", proof.could_not_plant);
    assert!(proof.verdict().contains("public.using_true"));
}
