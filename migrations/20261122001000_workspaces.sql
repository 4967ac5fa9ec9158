-- Workspaces: parts of an organization, who is in them, and roles that count in one of them only.

CREATE TABLE workspaces (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT workspaces_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    description text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT workspaces_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT workspaces_name_key UNIQUE (org_id, name_key),
    -- Written as a dump writes it: see roles_sizes.
    CONSTRAINT workspaces_sizes CHECK (char_length(name) >= 1 AND char_length(name) <= 60 AND char_length(description) <= 500),
    CONSTRAINT workspaces_status_known CHECK (status = 'active' OR status = 'archived')
);
COMMENT ON COLUMN workspaces.name_key IS 'What looks like the same name is the same name: UTS #39 skeleton of the case-folded name.';
COMMENT ON COLUMN workspaces.status IS 'Roles held in an archived workspace are kept and do not count.';

CREATE TABLE workspace_members (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT workspace_members_org_fkey REFERENCES orgs (id),
    workspace_id uuid NOT NULL,
    user_id uuid NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    added_by text NOT NULL,
    CONSTRAINT workspace_members_pkey PRIMARY KEY (org_id, workspace_id, user_id),
    CONSTRAINT workspace_members_workspace_fkey FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id)
        ON DELETE CASCADE,
    CONSTRAINT workspace_members_user_fkey FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id) ON DELETE CASCADE
);
CREATE INDEX workspace_members_by_user ON workspace_members (org_id, user_id);

-- Where a role counts: in one workspace, or in the whole organization without one. Somebody may hold the same role in
-- both, for different times, so what was the primary key is no key any more. A version before this one fails to give a
-- role while both run: it names the old key. Deciding and taking away go on.
ALTER TABLE role_assignments
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN workspace_id uuid,
    DROP CONSTRAINT role_assignments_pkey,
    ADD CONSTRAINT role_assignments_pkey PRIMARY KEY (org_id, id),
    ADD CONSTRAINT role_assignments_once UNIQUE NULLS NOT DISTINCT (org_id, user_id, role_id, workspace_id),
    -- Only members hold roles in a workspace, and whoever leaves it leaves them there.
    ADD CONSTRAINT role_assignments_member_fkey FOREIGN KEY (org_id, workspace_id, user_id)
        REFERENCES workspace_members (org_id, workspace_id, user_id) ON DELETE CASCADE;
CREATE INDEX role_assignments_by_workspace ON role_assignments (org_id, workspace_id, user_id);
COMMENT ON COLUMN role_assignments.workspace_id IS 'Where the role counts; in the whole organization where it is NULL.';
GRANT INSERT (workspace_id) ON role_assignments TO bulkhead_app;

ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspaces FORCE ROW LEVEL SECURITY;
CREATE POLICY workspaces_tenant ON workspaces TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY workspaces_operator_read ON workspaces FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
-- No DELETE: a workspace is archived, and what the audit log names stays.
GRANT SELECT ON workspaces TO bulkhead_app;
GRANT INSERT (id, name, name_key, description, created_at, updated_at),
      UPDATE (name, name_key, description, status, updated_at, version) ON workspaces TO bulkhead_app;
GRANT SELECT ON workspaces TO bulkhead_operator;

ALTER TABLE workspace_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspace_members FORCE ROW LEVEL SECURITY;
CREATE POLICY workspace_members_tenant ON workspace_members TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
GRANT SELECT, DELETE ON workspace_members TO bulkhead_app;
GRANT INSERT (workspace_id, user_id, added_at, added_by) ON workspace_members TO bulkhead_app;

-- See app.purge_org().
GRANT SELECT (org_id), DELETE ON workspaces, workspace_members TO bulkhead_definer;
GRANT SELECT (org_id, id, status) ON workspaces TO bulkhead_definer;
GRANT SELECT (workspace_id) ON role_assignments TO bulkhead_definer;

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;
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
           u.email, u.name, u.role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at, o.roles_version,
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
CREATE OR REPLACE FUNCTION app.owner_of(kind text, object uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE kind
        WHEN 'org' THEN (SELECT id FROM orgs WHERE id = object AND status <> 'deleted')
        WHEN 'user' THEN (SELECT org_id FROM users WHERE id = object LIMIT 1)
        WHEN 'session' THEN (SELECT org_id FROM sessions WHERE id = object LIMIT 1)
        WHEN 'audit_event' THEN (SELECT org_id FROM audit_events WHERE id = object LIMIT 1)
        WHEN 'role' THEN (SELECT org_id FROM roles WHERE id = object LIMIT 1)
        WHEN 'workspace' THEN (SELECT org_id FROM workspaces WHERE id = object LIMIT 1)
    END
$$;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
