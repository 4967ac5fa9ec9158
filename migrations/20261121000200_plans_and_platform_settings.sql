-- Shared by design: plans and the defaults every organization inherits. No organization's data is here.

CREATE TABLE plans (
    id text CONSTRAINT plans_pkey PRIMARY KEY,
    name text NOT NULL,
    position smallint NOT NULL,
    CONSTRAINT plans_id_shape CHECK (id ~ '^[a-z][a-z0-9_]{1,30}$')
);
COMMENT ON TABLE plans IS 'Shared by design: the catalogue of plans, the same for every organization.';

INSERT INTO plans (id, name, position) VALUES
    ('free', 'Free', 1), ('team', 'Team', 2), ('business', 'Business', 3), ('enterprise', 'Enterprise', 4);

CREATE TABLE platform_settings (
    key text CONSTRAINT platform_settings_pkey PRIMARY KEY,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE platform_settings IS 'Shared by design: defaults of the whole platform, overridden by plan and organization.';

CREATE TABLE plan_settings (
    plan text NOT NULL CONSTRAINT plan_settings_plan_fkey REFERENCES plans (id),
    key text NOT NULL,
    value jsonb NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT plan_settings_pkey PRIMARY KEY (plan, key)
);
COMMENT ON TABLE plan_settings IS 'Shared by design: what a plan sets for the organizations on it.';

INSERT INTO plan_settings (plan, key, value) VALUES
    ('free', 'users.max', '10'), ('team', 'users.max', '50'),
    ('business', 'users.max', '500'), ('enterprise', 'users.max', '100000'),
    ('free', 'audit.retention_days', '30'), ('team', 'audit.retention_days', '180'),
    ('enterprise', 'audit.retention_days', '2555');

GRANT SELECT ON plans, platform_settings, plan_settings TO bulkhead_app, bulkhead_operator, bulkhead_definer;
