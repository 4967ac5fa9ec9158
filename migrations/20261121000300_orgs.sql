-- Organizations (= tenants). The row of an organization is itself under RLS: id is its tenant column.

CREATE TABLE orgs (
    id uuid CONSTRAINT orgs_pkey PRIMARY KEY,
    slug text NOT NULL CONSTRAINT orgs_slug_key UNIQUE,
    name text NOT NULL,
    name_norm text COLLATE "C" NOT NULL,
    kind text NOT NULL DEFAULT 'customer',
    status text NOT NULL DEFAULT 'provisioning',
    plan text NOT NULL DEFAULT 'team' CONSTRAINT orgs_plan_fkey REFERENCES plans (id),
    status_reason text,
    suspended_at timestamptz,
    delete_after timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT orgs_slug_shape CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
    CONSTRAINT orgs_name_length CHECK (char_length(name) BETWEEN 1 AND 120),
    CONSTRAINT orgs_kind_known CHECK (kind IN ('platform', 'customer')),
    CONSTRAINT orgs_status_known CHECK (status IN ('provisioning', 'active', 'suspended', 'pending_deletion', 'deleted')),
    CONSTRAINT orgs_deletion_dated CHECK ((status = 'pending_deletion') = (delete_after IS NOT NULL)),
    CONSTRAINT orgs_platform_active CHECK (kind = 'customer' OR status = 'active')
);
COMMENT ON TABLE orgs IS 'One row per organization; the tenant column is id.';

-- Exactly one platform organization, made here and never by a runtime role (INSERT is not granted on kind).
CREATE UNIQUE INDEX orgs_one_platform ON orgs (kind) WHERE kind = 'platform';
CREATE INDEX orgs_plan_idx ON orgs (plan);
CREATE INDEX orgs_created_idx ON orgs (created_at DESC, id DESC);
CREATE INDEX orgs_name_idx ON orgs (name_norm, id);
CREATE INDEX orgs_delete_after_idx ON orgs (delete_after) WHERE delete_after IS NOT NULL;

ALTER TABLE orgs ENABLE ROW LEVEL SECURITY;
ALTER TABLE orgs FORCE ROW LEVEL SECURITY;

CREATE POLICY orgs_tenant ON orgs FOR SELECT TO bulkhead_app
    USING (id = (SELECT app.org_id()));
CREATE POLICY orgs_tenant_update ON orgs FOR UPDATE TO bulkhead_app
    USING (id = (SELECT app.org_id())) WITH CHECK (id = (SELECT app.org_id()));
CREATE POLICY orgs_operator_read ON orgs FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY orgs_operator_insert ON orgs FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND id = (SELECT app.org_id()) AND kind = 'customer');
CREATE POLICY orgs_operator_update ON orgs FOR UPDATE TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND id = (SELECT app.org_id()));

GRANT SELECT ON orgs TO bulkhead_app;
GRANT UPDATE (name, name_norm, updated_at, version) ON orgs TO bulkhead_app;
GRANT SELECT ON orgs TO bulkhead_operator;
GRANT INSERT (id, slug, name, name_norm, status, plan, created_at, updated_at) ON orgs TO bulkhead_operator;
GRANT UPDATE (name, name_norm, status, plan, status_reason, suspended_at, delete_after, updated_at, version)
    ON orgs TO bulkhead_operator;

-- The migration runs as the owner, whom FORCE holds to the policies too; the one row it must write
-- goes in before anyone can connect, with FORCE lifted for this statement only.
ALTER TABLE orgs NO FORCE ROW LEVEL SECURITY;
INSERT INTO orgs (id, slug, name, name_norm, kind, status, plan)
VALUES ('00000000-0000-4000-8000-000000000001', 'platform', 'Platform', 'platform', 'platform', 'active', 'enterprise');
ALTER TABLE orgs FORCE ROW LEVEL SECURITY;

CREATE TABLE org_settings (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT org_settings_org_fkey REFERENCES orgs (id),
    key text NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT org_settings_pkey PRIMARY KEY (org_id, key)
);
ALTER TABLE org_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY org_settings_tenant ON org_settings TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY org_settings_operator_read ON org_settings FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
GRANT SELECT, DELETE ON org_settings TO bulkhead_app;
GRANT INSERT (key, value, updated_at), UPDATE (value, updated_at, version) ON org_settings TO bulkhead_app;
GRANT SELECT ON org_settings TO bulkhead_operator;

CREATE TABLE provisioning_steps (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT provisioning_steps_org_fkey REFERENCES orgs (id),
    step text NOT NULL,
    position smallint NOT NULL,
    status text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    input text,
    detail text,
    finished_at timestamptz,
    CONSTRAINT provisioning_steps_pkey PRIMARY KEY (org_id, step),
    CONSTRAINT provisioning_steps_status_known CHECK (status IN ('waiting', 'failed', 'done'))
);
CREATE INDEX provisioning_steps_to_do_idx ON provisioning_steps (org_id) WHERE status <> 'done';
ALTER TABLE provisioning_steps ENABLE ROW LEVEL SECURITY;
ALTER TABLE provisioning_steps FORCE ROW LEVEL SECURITY;
CREATE POLICY provisioning_steps_operator_read ON provisioning_steps FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY provisioning_steps_operator_insert ON provisioning_steps FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
CREATE POLICY provisioning_steps_operator_update ON provisioning_steps FOR UPDATE TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON provisioning_steps TO bulkhead_operator;
GRANT INSERT (step, position, input), UPDATE (status, attempts, detail, finished_at) ON provisioning_steps TO bulkhead_operator;
