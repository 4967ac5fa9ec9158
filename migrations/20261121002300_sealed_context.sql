-- The organization of a tenant's transaction is fixed by its first statement (docs/adr/0014-sealed-context.md).
--
-- A setting such as app.org_id can be changed by every SQL statement of the role that reads it. The parameter
-- backtrace_functions cannot: only a role that was granted SET on it may, and roles.sql grants it to bulkhead_definer alone.
-- PostgreSQL compares its value with names of its own C functions when it reports an error; `bulkhead_` and 32 hexadecimal
-- digits are the name of none.

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;

CREATE FUNCTION app.seal(org uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF starts_with(current_setting('backtrace_functions'), 'bulkhead_') THEN
        RAISE insufficient_privilege USING MESSAGE = 'the organization of this transaction is sealed';
    END IF;
    PERFORM set_config('app.org_id', org::text, true);
    -- Without the grant, on a server whose roles are from before it, the context is what it was: a setting.
    IF has_parameter_privilege('backtrace_functions', 'SET') THEN
        PERFORM set_config('backtrace_functions', 'bulkhead_' || encode(uuid_send(org), 'hex'), true);
    END IF;
END $$;
COMMENT ON FUNCTION app.seal(uuid) IS 'Fixes the organization of a transaction that has none yet; refuses in one that has.';
REVOKE ALL ON FUNCTION app.seal(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.seal(uuid) TO bulkhead_app;

CREATE OR REPLACE FUNCTION app.enter(token bytea, realm text)
    RETURNS TABLE (org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text, org_plan text,
                   user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT s.org_id, s.user_id, s.id, o.slug, o.name, o.kind, o.plan,
           u.email, u.name, u.role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at
    INTO org_id, user_id, session_id, org_slug, org_name, org_kind, org_plan,
         user_email, user_name, user_role, method, assurance, created_at, last_seen_at, expires_at
    FROM sessions s
    JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id AND u.status = 'active'
    JOIN orgs o ON o.id = s.org_id AND o.status = 'active'
    WHERE s.token_hash = token AND s.revoked_at IS NULL
      AND s.expires_at > now() AND s.last_seen_at + make_interval(secs => s.idle_seconds) > now();
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
COMMENT ON FUNCTION app.enter(bytea, text) IS 'Session hash -> identity, and the context of this transaction: sealed for a tenant, app.org_id and app.operator_id in the operator realm.';

SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;

-- In PL/pgSQL, which is not inlined: the planner would inline a SQL function anew in every plan it makes, which costs more
-- than calling this one once a statement.
CREATE OR REPLACE FUNCTION app.org_id() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF pg_catalog.starts_with(pg_catalog.current_setting('backtrace_functions'), 'bulkhead_') THEN
        RETURN pg_catalog.substr(pg_catalog.current_setting('backtrace_functions'), 10)::pg_catalog.uuid;
    END IF;
    RETURN nullif(pg_catalog.current_setting('app.org_id', true), '')::pg_catalog.uuid;
END $$;
