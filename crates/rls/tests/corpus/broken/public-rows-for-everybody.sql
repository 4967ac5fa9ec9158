-- Class: "public" meant public within the organization, and the policy said public to all of them.
-- expect: policy-ignores-tenant
-- implies: policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY shared ON notes FOR SELECT TO bulkhead_app USING (is_public);
