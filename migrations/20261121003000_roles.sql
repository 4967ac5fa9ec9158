-- Custom roles: what an organization's own roles allow, what they were, and who holds them.

-- Every change of a role or of who holds one takes this row first, so changes come one after the other, and each is
-- checked against what the one before left. The number is what processes keep an organization's roles by.
ALTER TABLE orgs ADD COLUMN roles_version bigint NOT NULL DEFAULT 0;
GRANT UPDATE (roles_version) ON orgs TO bulkhead_app;

CREATE TABLE roles (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT roles_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL DEFAULT '',
    inherits uuid[] NOT NULL DEFAULT '{}',
    grants jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT roles_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT roles_name_key UNIQUE (org_id, name_key),
    -- Without BETWEEN, which a dump writes in another way than it was: the prover would call its copy unlike.
    CONSTRAINT roles_sizes CHECK (char_length(name) >= 1 AND char_length(name) <= 60 AND char_length(description) <= 500
        AND cardinality(inherits) <= 32 AND octet_length(grants::text) <= 262144),
    CONSTRAINT roles_grants_list CHECK (jsonb_typeof(grants) = 'array'),
    -- Held here as well as in the program: outside the platform's own organization nothing grants a platform.* permission.
    CONSTRAINT roles_platform_stays CHECK (org_id = '00000000-0000-4000-8000-000000000001'
        OR NOT jsonb_path_exists(grants, '$[*].permission ? (@ like_regex "^platform[.:]")'))
);
COMMENT ON COLUMN roles.name_key IS 'What looks like the same name is the same name: UTS #39 skeleton of the case-folded name.';
COMMENT ON COLUMN roles.inherits IS 'Roles whose grants it has as well, built-in ones by their constant ids.';
COMMENT ON COLUMN roles.grants IS 'bulkhead_model::access::Grant, in the order they were written.';

-- Every state that was saved, the current one included. A deleted role's stay, so that it can be looked up and made again.
CREATE TABLE role_versions (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT role_versions_org_fkey REFERENCES orgs (id),
    role_id uuid NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    inherits uuid[] NOT NULL,
    grants jsonb NOT NULL,
    reason text NOT NULL DEFAULT '',
    saved_at timestamptz NOT NULL DEFAULT now(),
    saved_by text NOT NULL,
    CONSTRAINT role_versions_pkey PRIMARY KEY (org_id, role_id, version),
    CONSTRAINT role_versions_sizes CHECK (char_length(name) <= 60 AND char_length(description) <= 500
        AND char_length(reason) <= 500 AND octet_length(grants::text) <= 262144)
);

CREATE TABLE role_assignments (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT role_assignments_org_fkey REFERENCES orgs (id),
    user_id uuid NOT NULL,
    role_id uuid NOT NULL,
    starts_at timestamptz,
    ends_at timestamptz,
    assigned_at timestamptz NOT NULL DEFAULT now(),
    assigned_by text NOT NULL,
    CONSTRAINT role_assignments_pkey PRIMARY KEY (org_id, user_id, role_id),
    CONSTRAINT role_assignments_user_fkey FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT role_assignments_role_fkey FOREIGN KEY (org_id, role_id) REFERENCES roles (org_id, id)
        ON DELETE CASCADE,
    CONSTRAINT role_assignments_period CHECK (starts_at < ends_at)
);
CREATE INDEX role_assignments_by_role ON role_assignments (org_id, role_id);

ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY roles_tenant ON roles TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY roles_operator_read ON roles FOR SELECT TO bulkhead_operator USING ((SELECT app.operator_id()) IS NOT NULL);
GRANT SELECT, DELETE ON roles TO bulkhead_app;
GRANT INSERT (id, name, name_key, description, inherits, grants, created_at, updated_at, updated_by),
      UPDATE (name, name_key, description, inherits, grants, updated_at, updated_by, version) ON roles TO bulkhead_app;
GRANT SELECT ON roles TO bulkhead_operator;

ALTER TABLE role_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE role_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY role_versions_tenant ON role_versions TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
GRANT SELECT ON role_versions TO bulkhead_app;
GRANT INSERT (role_id, version, name, description, inherits, grants, reason, saved_at, saved_by) ON role_versions TO bulkhead_app;

ALTER TABLE role_assignments ENABLE ROW LEVEL SECURITY;
ALTER TABLE role_assignments FORCE ROW LEVEL SECURITY;
CREATE POLICY role_assignments_tenant ON role_assignments TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY role_assignments_operator_read ON role_assignments FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
GRANT SELECT, DELETE ON role_assignments TO bulkhead_app;
GRANT INSERT (user_id, role_id, starts_at, ends_at, assigned_at, assigned_by),
      UPDATE (starts_at, ends_at, assigned_at, assigned_by) ON role_assignments TO bulkhead_app;
GRANT SELECT ON role_assignments TO bulkhead_operator;

-- See app.purge_org().
GRANT SELECT (org_id), DELETE ON roles, role_versions, role_assignments TO bulkhead_definer;
GRANT SELECT (org_id, user_id, role_id, starts_at, ends_at) ON role_assignments TO bulkhead_definer;
GRANT SELECT (org_id, id) ON roles TO bulkhead_definer;

-- Who holds what comes with the session's look-up, so that a change counts with the next request, on every replica.
GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;
DROP FUNCTION app.enter(bytea, text);
CREATE FUNCTION app.enter(token bytea, realm text)
    RETURNS TABLE (org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text, org_plan text,
                   user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
                   roles_version bigint, assignments jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT s.org_id, s.user_id, s.id, o.slug, o.name, o.kind, o.plan,
           u.email, u.name, u.role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at, o.roles_version,
           -- An organization that never had a role of its own is not asked for who holds one.
           CASE WHEN o.roles_version > 0 THEN
               (SELECT jsonb_agg(jsonb_build_object('role', a.role_id, 'from', a.starts_at, 'until', a.ends_at))
                FROM role_assignments a WHERE a.org_id = s.org_id AND a.user_id = s.user_id)
           END
    INTO org_id, user_id, session_id, org_slug, org_name, org_kind, org_plan,
         user_email, user_name, user_role, method, assurance, created_at, last_seen_at, expires_at, roles_version, assignments
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
COMMENT ON FUNCTION app.enter(bytea, text) IS 'Session hash -> identity with its roles, and the context of this transaction: sealed for a tenant, app.org_id and app.operator_id in the operator realm.';
CREATE OR REPLACE FUNCTION app.owner_of(kind text, object uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE kind
        WHEN 'org' THEN (SELECT id FROM orgs WHERE id = object AND status <> 'deleted')
        WHEN 'user' THEN (SELECT org_id FROM users WHERE id = object LIMIT 1)
        WHEN 'session' THEN (SELECT org_id FROM sessions WHERE id = object LIMIT 1)
        WHEN 'audit_event' THEN (SELECT org_id FROM audit_events WHERE id = object LIMIT 1)
        WHEN 'role' THEN (SELECT org_id FROM roles WHERE id = object LIMIT 1)
    END
$$;
REVOKE ALL ON FUNCTION app.enter(bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.enter(bytea, text) TO bulkhead_app, bulkhead_operator;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
