-- Duties that exclude each other: two permissions that no one person should hold together, and why.

CREATE TABLE duty_conflicts (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT duty_conflicts_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    name text NOT NULL,
    name_key text COLLATE "C" NOT NULL,
    first text COLLATE "C" NOT NULL,
    second text COLLATE "C" NOT NULL,
    why text NOT NULL,
    rule text NOT NULL DEFAULT 'ask',
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    updated_by text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT duty_conflicts_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT duty_conflicts_name_key UNIQUE (org_id, name_key),
    -- A pair has no order, so it is kept in one, and once.
    CONSTRAINT duty_conflicts_pair_ordered CHECK (first < second),
    CONSTRAINT duty_conflicts_pair_key UNIQUE (org_id, first, second),
    -- Written as a dump writes it: see roles_sizes.
    CONSTRAINT duty_conflicts_sizes CHECK (char_length(name) >= 1 AND char_length(name) <= 60
        AND char_length(why) >= 1 AND char_length(why) <= 500
        AND octet_length(first) <= 129 AND octet_length(second) <= 129),
    CONSTRAINT duty_conflicts_rule_known CHECK (rule = 'ask' OR rule = 'refuse')
);
COMMENT ON COLUMN duty_conflicts.name_key IS 'What looks like the same name is the same name: UTS #39 skeleton of the case-folded name.';
COMMENT ON COLUMN duty_conflicts.first IS 'A permission by its name; it cannot be taken out of the registry while it stands here.';
COMMENT ON COLUMN duty_conflicts.rule IS 'What happens to a change by which somebody would hold both: a reason is asked for, or it is refused.';

ALTER TABLE duty_conflicts ENABLE ROW LEVEL SECURITY;
ALTER TABLE duty_conflicts FORCE ROW LEVEL SECURITY;
CREATE POLICY duty_conflicts_tenant ON duty_conflicts TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
-- Operators take permissions out of the registry, and not those that stand here.
CREATE POLICY duty_conflicts_operator_read ON duty_conflicts FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
GRANT SELECT, DELETE ON duty_conflicts TO bulkhead_app;
GRANT INSERT (id, name, name_key, first, second, why, rule, created_at, created_by, updated_at, updated_by),
      UPDATE (name, name_key, first, second, why, rule, updated_at, updated_by, version) ON duty_conflicts TO bulkhead_app;
GRANT SELECT (org_id, first, second) ON duty_conflicts TO bulkhead_operator;
-- See app.purge_org() and app.owner_of().
GRANT SELECT (org_id, id), DELETE ON duty_conflicts TO bulkhead_definer;

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;
-- As in 20261201000300_decisions_opened.sql, with duty conflicts.
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
        WHEN 'duty_conflict' THEN (SELECT org_id FROM duty_conflicts WHERE id = object LIMIT 1)
    END
$$;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
