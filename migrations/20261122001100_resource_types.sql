-- What the services behind this control plane have that can be allowed or denied, and the decisions they asked for.

CREATE TABLE resource_types (
    name text COLLATE "C" CONSTRAINT resource_types_pkey PRIMARY KEY,
    label text NOT NULL,
    description text NOT NULL DEFAULT '',
    actions jsonb NOT NULL,
    attributes jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT resource_types_name_shape CHECK (name ~ '^[a-z]([a-z0-9_.-]*[a-z0-9])?$' AND octet_length(name) <= 64),
    -- Held here as well as in the program: what only operators can hold is not for anybody to register.
    CONSTRAINT resource_types_not_platform CHECK (name <> 'platform' AND NOT starts_with(name, 'platform.')),
    CONSTRAINT resource_types_sizes CHECK (char_length(label) >= 1 AND char_length(label) <= 60
        AND char_length(description) <= 500 AND octet_length(actions::text) <= 65536 AND octet_length(attributes::text) <= 65536),
    CONSTRAINT resource_types_lists CHECK (jsonb_typeof(actions) = 'array' AND jsonb_typeof(attributes) = 'array')
);
COMMENT ON TABLE resource_types IS 'Shared by design: what can be allowed in every organization; no organization''s data is here.';
COMMENT ON COLUMN resource_types.actions IS 'bulkhead_model::access::RegisteredAction, in the order they are shown.';
COMMENT ON COLUMN resource_types.attributes IS 'bulkhead_model::access::RegisteredAttribute: what conditions may compare.';

-- One row: counts the changes of the table above. Together with orgs.roles_version, which only grows either, it is the
-- number that processes keep an organization's roles by.
CREATE TABLE resource_registry (
    one boolean DEFAULT true CONSTRAINT resource_registry_pkey PRIMARY KEY CONSTRAINT resource_registry_one CHECK (one),
    version bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE resource_registry IS 'Shared by design: how often resource types were changed.';
INSERT INTO resource_registry DEFAULT VALUES;

GRANT SELECT ON resource_types TO bulkhead_app, bulkhead_operator;
GRANT INSERT (name, label, description, actions, attributes, created_at, updated_at, updated_by),
      UPDATE (label, description, actions, attributes, updated_at, updated_by, version), DELETE ON resource_types TO bulkhead_operator;
GRANT SELECT ON resource_registry TO bulkhead_app, bulkhead_operator, bulkhead_definer;
GRANT UPDATE (version) ON resource_registry TO bulkhead_operator;

-- What most services have. Operators change these, or take out what theirs have not.
INSERT INTO resource_types (name, label, description, updated_by, actions, attributes) VALUES
    ('artifacts', 'Artifacts', 'What a service builds and keeps.', 'Bulkhead', '[
        {"name": "create", "sentence": "create artifacts", "held_by": ["manager", "user"]},
        {"name": "read", "sentence": "read artifacts", "held_by": ["manager", "user", "viewer"]},
        {"name": "update", "sentence": "change artifacts", "held_by": ["manager", "user"]},
        {"name": "delete", "sentence": "delete artifacts", "held_by": ["manager"]}]',
        '[{"name": "kind", "kind": "text", "description": "What sort of artifact it is."},
          {"name": "size", "kind": "number", "description": "In bytes."}]'),
    ('backups', 'Backups', 'Copies to go back to.', 'Bulkhead', '[
        {"name": "create", "sentence": "create backups", "held_by": ["manager"]},
        {"name": "read", "sentence": "see backups", "held_by": ["manager", "viewer"]},
        {"name": "execute", "sentence": "restore backups", "held_by": [], "needs_reason": true},
        {"name": "delete", "sentence": "delete backups", "held_by": [], "needs_reason": true}]',
        '[{"name": "environment", "kind": "text", "description": "Such as production."},
          {"name": "taken_at", "kind": "time", "description": "When it was made."}]'),
    ('workflows', 'Workflows', 'What a service runs by itself.', 'Bulkhead', '[
        {"name": "create", "sentence": "create workflows", "held_by": ["manager", "user"]},
        {"name": "read", "sentence": "see workflows", "held_by": ["manager", "user", "viewer"]},
        {"name": "update", "sentence": "change workflows", "held_by": ["manager", "user"]},
        {"name": "execute", "sentence": "run workflows", "held_by": ["manager", "user"]},
        {"name": "delete", "sentence": "delete workflows", "held_by": ["manager"]}]',
        '[{"name": "environment", "kind": "text", "description": "Such as production."}]'),
    ('ingest', 'Ingest', 'Data on its way in; a scope of tokens.', 'Bulkhead',
        '[{"name": "write", "sentence": "send data in", "held_by": ["manager", "user"]}]', '[]'),
    ('search', 'Search', 'Looking for data; a scope of tokens.', 'Bulkhead',
        '[{"name": "read", "sentence": "search", "held_by": ["manager", "user", "viewer"]}]', '[]'),
    ('generate', 'Generate', 'Having something made; a scope of tokens.', 'Bulkhead',
        '[{"name": "write", "sentence": "have something generated", "held_by": ["manager", "user"]}]', '[]');

-- Decisions that services asked for: every denial and a sample of what was allowed, to try a changed role on. Not the audit
-- log: nothing was changed, and rows go after thirty days.
CREATE TABLE decisions (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT decisions_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    user_id uuid,
    permission text COLLATE "C" NOT NULL,
    reason text NOT NULL,
    weight integer NOT NULL,
    role_id uuid,
    address inet,
    resource jsonb NOT NULL,
    asked_by text NOT NULL,
    CONSTRAINT decisions_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT decisions_user_fkey FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE,
    CONSTRAINT decisions_weight_positive CHECK (weight > 0),
    CONSTRAINT decisions_sizes CHECK (octet_length(permission) <= 129 AND octet_length(reason) <= 40
        AND octet_length(resource::text) <= 65536 AND char_length(asked_by) <= 320)
);
CREATE INDEX decisions_by_user ON decisions (org_id, user_id, decided_at);
-- For the sweep, which asks across organizations.
CREATE INDEX decisions_by_time ON decisions (decided_at);
COMMENT ON COLUMN decisions.user_id IS 'About whom; none where nobody has the id that was asked about.';
COMMENT ON COLUMN decisions.reason IS 'A reason code; only granted allows.';
COMMENT ON COLUMN decisions.weight IS 'How many decisions like it the row stands for: 1 for a denial, more for what is sampled.';
COMMENT ON COLUMN decisions.role_id IS 'The role whose line decided, where one did.';
COMMENT ON COLUMN decisions.resource IS 'What was asked about: id, owner, workspace and attributes, as far as they were given.';
COMMENT ON COLUMN decisions.asked_by IS 'Whose credential asked: an address.';

ALTER TABLE decisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE decisions FORCE ROW LEVEL SECURITY;
CREATE POLICY decisions_tenant ON decisions TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
GRANT SELECT ON decisions TO bulkhead_app;
GRANT INSERT (id, decided_at, user_id, permission, reason, weight, role_id, address, resource, asked_by) ON decisions TO bulkhead_app;
-- See app.purge_org() and app.sweep().
GRANT SELECT (org_id, id, decided_at), DELETE ON decisions TO bulkhead_definer;

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;
-- As in 20261122001000_workspaces.sql, with the registry's number in the sum.
CREATE OR REPLACE FUNCTION app.enter(token bytea, realm text)
    RETURNS TABLE (org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text, org_plan text,
                   user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
                   roles_version bigint, assignments jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT s.org_id, s.user_id, s.id, o.slug, o.name, o.kind, o.plan,
           u.email, u.name, u.role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at, o.roles_version + (SELECT version FROM resource_registry),
           -- An organization that never had a role of its own is not asked for who holds one. What somebody holds in an
           -- archived workspace is kept and does not count.
           CASE WHEN o.roles_version > 0 THEN
               (SELECT jsonb_agg(jsonb_build_object('role', a.role_id, 'workspace', a.workspace_id,
                                                    'from', a.starts_at, 'until', a.ends_at))
                FROM role_assignments a LEFT JOIN workspaces w ON w.org_id = a.org_id AND w.id = a.workspace_id
                WHERE a.org_id = s.org_id AND a.user_id = s.user_id AND (a.workspace_id IS NULL OR w.status = 'active'))
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
-- As in 20261121000900_definer_functions.sql, with decisions after thirty days.
CREATE OR REPLACE FUNCTION app.sweep(how_many integer) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE swept integer; total integer := 0;
BEGIN
    DELETE FROM sessions WHERE token_hash IN (
        SELECT token_hash FROM sessions WHERE expires_at < now() - interval '30 days' LIMIT how_many);
    GET DIAGNOSTICS swept = ROW_COUNT; total := total + swept;
    DELETE FROM sign_in_throttle WHERE subject IN (
        SELECT subject FROM sign_in_throttle WHERE window_started_at < now() - interval '1 day'
          AND coalesce(blocked_until, '-infinity') < now() LIMIT how_many);
    GET DIAGNOSTICS swept = ROW_COUNT; total := total + swept;
    DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day';
    GET DIAGNOSTICS swept = ROW_COUNT; total := total + swept;
    DELETE FROM decisions WHERE (org_id, id) IN (
        SELECT org_id, id FROM decisions WHERE decided_at < now() - interval '30 days' LIMIT how_many);
    GET DIAGNOSTICS swept = ROW_COUNT; total := total + swept;
    RETURN total;
END $$;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
