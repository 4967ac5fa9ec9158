-- Requests that need no transaction ask who their sessions stand for, and what people hold, together: one statement for
-- all that wait (docs/adr/0018-decisions-ask-together.md). What makes a session live, and what somebody holds, is said once,
-- in two functions that PostgreSQL puts into the query that names them, as it does with views: the query's conditions reach
-- the indexes, and whoever asks reads by their own grants and policies.

CREATE FUNCTION app.standings()
    RETURNS TABLE (org_id uuid, user_id uuid, email text, email_norm text, name text, role text, status text, org_status text,
                   org_kind text, org_slug text, org_name text, org_plan text, org_roles_version bigint, assignments jsonb)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT u.org_id, u.id, u.email, u.email_norm, u.name, u.role, u.status, o.status, o.kind, o.slug, o.name, o.plan,
           o.roles_version,
           -- An organization that never had a role of its own is not asked for who holds one. What somebody holds in an
           -- archived workspace is kept and does not count.
           CASE WHEN o.roles_version > 0 THEN
               (SELECT jsonb_agg(jsonb_build_object('role', a.role_id, 'workspace', a.workspace_id,
                                                    'from', a.starts_at, 'until', a.ends_at))
                FROM role_assignments a LEFT JOIN workspaces w ON w.org_id = a.org_id AND w.id = a.workspace_id
                WHERE a.org_id = u.org_id AND a.user_id = u.id AND (a.workspace_id IS NULL OR w.status = 'active'))
           END
    FROM users u JOIN orgs o ON o.id = u.org_id;
END;
COMMENT ON FUNCTION app.standings() IS 'What the rights of users are made of, and their organizations.';

CREATE FUNCTION app.live_sessions()
    RETURNS TABLE (token_hash bytea, org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text,
                   org_plan text, user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
                   roles_version bigint, assignments jsonb)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT s.token_hash, s.org_id, s.user_id, s.id, u.org_slug, u.org_name, u.org_kind, u.org_plan, u.email, u.name, u.role,
           s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at,
           u.org_roles_version + (SELECT version FROM resource_registry), u.assignments
    FROM sessions s JOIN app.standings() u ON u.org_id = s.org_id AND u.user_id = s.user_id
    WHERE u.status = 'active' AND u.org_status = 'active' AND s.revoked_at IS NULL
      AND s.expires_at > now() AND s.last_seen_at + make_interval(secs => s.idle_seconds) > now();
END;
COMMENT ON FUNCTION app.live_sessions() IS 'Sessions that are live, with user and organization; for the doors below.';

REVOKE ALL ON FUNCTION app.standings(), app.live_sessions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.standings() TO bulkhead_app, bulkhead_operator, bulkhead_definer;
GRANT EXECUTE ON FUNCTION app.live_sessions() TO bulkhead_definer;

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;
-- As in 20261122001100_resource_types.sql.
CREATE OR REPLACE FUNCTION app.enter(token bytea, realm text)
    RETURNS TABLE (org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text, org_plan text,
                   user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
                   roles_version bigint, assignments jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT s.org_id, s.user_id, s.session_id, s.org_slug, s.org_name, s.org_kind, s.org_plan, s.user_email, s.user_name,
           s.user_role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at, s.roles_version, s.assignments
    INTO org_id, user_id, session_id, org_slug, org_name, org_kind, org_plan, user_email, user_name,
         user_role, method, assurance, created_at, last_seen_at, expires_at, roles_version, assignments
    FROM app.live_sessions() s WHERE s.token_hash = token;
    IF NOT FOUND OR (realm = 'operator' AND org_kind <> 'platform') THEN
        RETURN;
    END IF;
    PERFORM set_config('app.org_id', org_id::text, true);
    IF realm = 'operator' THEN
        -- Operators act across organizations, one after the other: theirs is not sealed.
        PERFORM set_config('app.operator_id', user_id::text, true);
    ELSIF has_parameter_privilege('backtrace_functions', 'SET') THEN
        -- As app.seal() does; calling it would cost every request ten microseconds. Whoever has a live session's hash
        -- may act in its organization, in a transaction that was sealed before too.
        PERFORM set_config('backtrace_functions', 'bulkhead_' || encode(uuid_send(org_id), 'hex'), true);
    END IF;
    RETURN NEXT;
END $$;

-- The same look-up for many, without a context: nothing can be read by what it answers. Sessions that are not live have
-- no row; `place` is that of the hash, from 1.
CREATE FUNCTION app.enter_many(tokens bytea[])
    RETURNS TABLE (place bigint, org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text,
                   org_plan text, user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
                   roles_version bigint, assignments jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    -- Planning takes ten times what running does.
    SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT asked.place, s.org_id, s.user_id, s.session_id, s.org_slug, s.org_name, s.org_kind, s.org_plan, s.user_email,
               s.user_name, s.user_role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at, s.roles_version,
               s.assignments
        FROM unnest(tokens) WITH ORDINALITY AS asked (token, place)
        -- One after the other by their key, which OFFSET holds: PostgreSQL does not know how many are asked for, and would
        -- read all there are.
        CROSS JOIN LATERAL (SELECT * FROM app.live_sessions() s WHERE s.token_hash = asked.token OFFSET 0) s;
END $$;
COMMENT ON FUNCTION app.enter_many(bytea[]) IS 'Session hashes -> identities. Sets no context.';

-- What people hold, each asked for with the hash of a live session of their own organization: `whose` is its place among
-- the hashes, from 1. A live session has a row for each it asked for, without a user where its organization has none of
-- that id: another organization's and nobody's are the same.
CREATE FUNCTION app.standings_of(tokens bytea[], whose bigint[], people uuid[])
    RETURNS TABLE (place bigint, roles_version bigint, user_id uuid, role text, status text, org_kind text, assignments jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp
    -- Planning takes ten times what running does.
    SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        WITH live AS MATERIALIZED (
            SELECT asked.place, s.org_id, s.roles_version
            FROM unnest(tokens) WITH ORDINALITY AS asked (token, place)
            CROSS JOIN LATERAL (SELECT * FROM app.live_sessions() s WHERE s.token_hash = asked.token OFFSET 0) s)
        SELECT asked.place, live.roles_version, s.user_id, s.role, s.status, s.org_kind, s.assignments
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
