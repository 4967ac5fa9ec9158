-- A recorded decision can be opened: by which line of which role it came out, and by which state of the roles.

-- Older rows have none of these; they go within thirty days.
ALTER TABLE decisions
    ADD COLUMN assigned_role_id uuid,
    ADD COLUMN assigned_workspace_id uuid,
    ADD COLUMN line integer,
    ADD COLUMN roles_version bigint;
COMMENT ON COLUMN decisions.assigned_role_id IS 'The role they held: role_id itself, or one that inherits from it.';
COMMENT ON COLUMN decisions.assigned_workspace_id IS 'The workspace they held it in; none for the whole organization.';
COMMENT ON COLUMN decisions.line IS 'The place of the line among those of role_id, from 0.';
COMMENT ON COLUMN decisions.roles_version IS 'The number of the roles that it was decided by, as app.enter() says it.';
GRANT INSERT (assigned_role_id, assigned_workspace_id, line, roles_version) ON decisions TO bulkhead_app;

-- The list, newest first, and what it is filtered by. Nothing is released yet, so nothing waits for their locks.
CREATE INDEX decisions_by_moment ON decisions (org_id, decided_at DESC, id DESC);
CREATE INDEX decisions_by_permission ON decisions (org_id, permission, decided_at DESC, id DESC);
CREATE INDEX decisions_by_reason ON decisions (org_id, reason, decided_at DESC, id DESC);

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;
-- As in 20261122001000_workspaces.sql, with recorded decisions.
CREATE OR REPLACE FUNCTION app.owner_of(kind text, object uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE kind
        WHEN 'org' THEN (SELECT id FROM orgs WHERE id = object AND status <> 'deleted')
        WHEN 'user' THEN (SELECT org_id FROM users WHERE id = object LIMIT 1)
        WHEN 'session' THEN (SELECT org_id FROM sessions WHERE id = object LIMIT 1)
        WHEN 'audit_event' THEN (SELECT org_id FROM audit_events WHERE id = object LIMIT 1)
        WHEN 'role' THEN (SELECT org_id FROM roles WHERE id = object LIMIT 1)
        WHEN 'workspace' THEN (SELECT org_id FROM workspaces WHERE id = object LIMIT 1)
        WHEN 'decision' THEN (SELECT org_id FROM decisions WHERE id = object LIMIT 1)
    END
$$;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
-- Whose a decision is, asked by its id alone, would read the whole table otherwise.
CREATE INDEX decisions_by_id ON decisions (id);
