-- The context read in the policy itself, in the spelling that never raises; a tenant column of numbers and one of text.
CREATE TABLE accounts (
    org_id bigint NOT NULL DEFAULT nullif(current_setting('app.org_id', true), '')::bigint, id uuid NOT NULL, PRIMARY KEY (org_id, id)
);
CREATE TABLE sites (
    org_id varchar(40) NOT NULL DEFAULT nullif(current_setting('app.org_id', true), ''), id uuid NOT NULL, PRIMARY KEY (org_id, id)
);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE sites ENABLE ROW LEVEL SECURITY;
ALTER TABLE sites FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON accounts TO bulkhead_app
    USING (org_id = (SELECT nullif(current_setting('app.org_id', true), '')::bigint))
    WITH CHECK ((SELECT nullif(current_setting('app.org_id', true), '')::bigint) = org_id);
CREATE POLICY tenant ON sites TO bulkhead_app
    USING (org_id = (SELECT nullif(current_setting('app.org_id', true), '')))
    WITH CHECK (org_id = (SELECT nullif(current_setting('app.org_id', true), '')));
GRANT SELECT, INSERT, UPDATE, DELETE ON accounts, sites TO bulkhead_app;
