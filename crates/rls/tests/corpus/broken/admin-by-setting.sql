-- Measured (R07 of the design): an administrator's policy by a setting gave every tenant's rows to whoever could run SQL.
-- expect: policy-by-setting
-- implies: policy-ignores-tenant tenant-column-mutable policy-admits-others
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY admin ON notes TO bulkhead_app USING (current_setting('app.role', true) = 'admin')
    WITH CHECK (current_setting('app.role', true) = 'admin');
