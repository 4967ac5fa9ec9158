-- Class: the restrictive policy that was to hold the others names a role that serves no requests.
-- expect: policy-ignores-tenant
-- implies: policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY fence ON notes AS RESTRICTIVE TO bulkhead_operator USING (org_id = (SELECT app.org_id()));
CREATE POLICY shared ON notes FOR SELECT TO bulkhead_app USING (is_public);
