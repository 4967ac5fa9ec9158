-- What a server remembers of what people hold, it remembers under a number that changes with it
-- (docs/adr/0019-decisions-from-memory.md). Roles themselves have theirs already: orgs.roles_version.

CREATE TABLE rights_versions (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT rights_versions_org_fkey REFERENCES orgs (id),
    source text COLLATE "C" NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT rights_versions_pkey PRIMARY KEY (org_id, source)
);
COMMENT ON TABLE rights_versions IS 'How often what people hold was changed, by organization: the sum of its rows. Only app.rights_changed() writes it.';
COMMENT ON COLUMN rights_versions.source IS 'The table whose rows were changed: changes of one do not wait for those of another.';

ALTER TABLE rights_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE rights_versions FORCE ROW LEVEL SECURITY;
-- No policy and no grant for runtime roles: the doors below read it, as the definer.
GRANT SELECT, INSERT (org_id, source), UPDATE (version), DELETE ON rights_versions TO bulkhead_definer;

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;
-- Counts once a transaction and table: the row that this one has written already says so. A gravestone gets none (app.purge_org()).
CREATE FUNCTION app.rights_changed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    changed uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.org_id ELSE NEW.org_id END;
BEGIN
    INSERT INTO rights_versions AS counted (org_id, source)
    SELECT o.id, TG_TABLE_NAME FROM orgs o
    WHERE o.id = changed AND o.status <> 'deleted'
      AND NOT EXISTS (SELECT FROM rights_versions r
                      WHERE r.org_id = changed AND r.source = TG_TABLE_NAME AND r.xmin = pg_current_xact_id()::xid)
    ON CONFLICT (org_id, source) DO UPDATE SET version = counted.version + 1;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION app.rights_changed() IS 'Counts a change of what people hold.';
REVOKE ALL ON FUNCTION app.rights_changed() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.rights_changed() TO bulkhead_owner;
SET LOCAL ROLE bulkhead_owner;

-- On every column that app.standings() reads of these tables, whatever path leads there; people and their organizations are
-- never deleted but all together. Deferred: the row that all changes of a table and an organization write is taken last, right
-- before the commit, so that nobody waits for it while they hold what another one needs. Whoever changes rows of several
-- of these tables at once is behind the organization's lock (crates/db/src/access.rs), so two do not meet at two such rows.
CREATE CONSTRAINT TRIGGER users_rights_changed AFTER UPDATE OF role, status ON users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (OLD.role IS DISTINCT FROM NEW.role OR OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION app.rights_changed();
CREATE CONSTRAINT TRIGGER workspaces_rights_changed AFTER UPDATE OF status ON workspaces
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (OLD.status IS DISTINCT FROM NEW.status)
    EXECUTE FUNCTION app.rights_changed();
CREATE CONSTRAINT TRIGGER role_assignments_rights_changed AFTER INSERT OR UPDATE OR DELETE ON role_assignments
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.rights_changed();

-- As in 20261201000500_asked_together.sql, each with the number of the moment it answers for.
SET LOCAL ROLE bulkhead_definer;
DROP FUNCTION app.enter_many(bytea[]);
CREATE FUNCTION app.enter_many(tokens bytea[])
    RETURNS TABLE (place bigint, org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text,
                   org_plan text, user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
                   roles_version bigint, assignments jsonb, rights_version bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    -- Planning takes ten times what running does.
    SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT asked.place, s.org_id, s.user_id, s.session_id, s.org_slug, s.org_name, s.org_kind, s.org_plan, s.user_email,
               s.user_name, s.user_role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at, s.roles_version,
               s.assignments, (SELECT coalesce(sum(r.version), 0)::bigint FROM rights_versions r WHERE r.org_id = s.org_id)
        FROM unnest(tokens) WITH ORDINALITY AS asked (token, place)
        -- One after the other by their key, which OFFSET holds: PostgreSQL does not know how many are asked for, and would
        -- read all there are.
        CROSS JOIN LATERAL (SELECT * FROM app.live_sessions() s WHERE s.token_hash = asked.token OFFSET 0) s;
END $$;
COMMENT ON FUNCTION app.enter_many(bytea[]) IS 'Session hashes -> identities. Sets no context.';

DROP FUNCTION app.standings_of(bytea[], bigint[], uuid[]);
CREATE FUNCTION app.standings_of(tokens bytea[], whose bigint[], people uuid[])
    RETURNS TABLE (place bigint, org_id uuid, roles_version bigint, rights_version bigint, user_id uuid, role text,
                   status text, org_kind text, assignments jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    -- Planning takes ten times what running does.
    SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH live AS MATERIALIZED (
            SELECT asked.place, s.org_id, s.roles_version,
                   (SELECT coalesce(sum(r.version), 0)::bigint FROM rights_versions r WHERE r.org_id = s.org_id) AS rights_version
            FROM unnest(tokens) WITH ORDINALITY AS asked (token, place)
            CROSS JOIN LATERAL (SELECT * FROM app.live_sessions() s WHERE s.token_hash = asked.token OFFSET 0) s)
        SELECT asked.place, live.org_id, live.roles_version, live.rights_version, s.user_id, s.role, s.status, s.org_kind,
               s.assignments
        FROM unnest(whose, people) WITH ORDINALITY AS asked (whose, person, place)
        JOIN live ON live.place = asked.whose
        LEFT JOIN LATERAL (SELECT * FROM app.standings() s
                           WHERE s.org_id = live.org_id AND s.user_id = asked.person OFFSET 0) s ON true;
END $$;
COMMENT ON FUNCTION app.standings_of(bytea[], bigint[], uuid[]) IS 'What people hold, in the organizations of live sessions.';

REVOKE ALL ON FUNCTION app.enter_many(bytea[]), app.standings_of(bytea[], bigint[], uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.enter_many(bytea[]), app.standings_of(bytea[], bigint[], uuid[]) TO bulkhead_app;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
