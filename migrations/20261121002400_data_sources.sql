-- Databases of somebody else's that the isolation pages can look at. Rows of the platform.

CREATE TABLE data_sources (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT data_sources_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    name text NOT NULL,
    name_norm text NOT NULL,
    place text NOT NULL,
    address bytea NOT NULL,
    profile jsonb NOT NULL,
    profile_text text NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT data_sources_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT data_sources_name_key UNIQUE (org_id, name_norm),
    CONSTRAINT data_sources_sizes CHECK (char_length(name) <= 120 AND char_length(place) <= 400
        AND octet_length(address) <= 8192 AND octet_length(profile_text) <= 65536)
);
COMMENT ON COLUMN data_sources.place IS 'user@host:port/database, for people.';
COMMENT ON COLUMN data_sources.address IS 'The URL with its password, encrypted with a key that is not in the database (identity::Vault).';
COMMENT ON COLUMN data_sources.profile IS 'What it is measured by, as read from profile_text.';
COMMENT ON COLUMN data_sources.profile_text IS 'The same as somebody wrote it, comments included.';

ALTER TABLE data_sources ENABLE ROW LEVEL SECURITY;
ALTER TABLE data_sources FORCE ROW LEVEL SECURITY;
CREATE POLICY data_sources_operator ON data_sources TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT, DELETE ON data_sources TO bulkhead_operator;
GRANT INSERT (id, name, name_norm, place, address, profile, profile_text, created_by, created_at, updated_at),
      UPDATE (name, name_norm, place, address, profile, profile_text, updated_at, version) ON data_sources TO bulkhead_operator;
-- See app.purge_org().
GRANT SELECT (org_id), DELETE ON data_sources TO bulkhead_definer;
