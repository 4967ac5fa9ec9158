-- Measured (R08): FOR UPDATE … WITH CHECK (true) lets an UPDATE without WHERE give every row to another organization.
-- expect: with-check-looser
-- implies: tenant-column-mutable policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY edit ON notes FOR UPDATE TO bulkhead_app USING (org_id = (SELECT app.org_id())) WITH CHECK (true);
