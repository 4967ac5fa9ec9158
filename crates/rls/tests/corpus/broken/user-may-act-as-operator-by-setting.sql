-- Class: the operators' condition was copied into the users' policy; the users' role can set the operator as well.
-- expect: policy-admits-others
-- implies: policy-ignores-tenant policy-admits-others
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY support ON notes FOR SELECT TO bulkhead_app USING ((SELECT app.operator_id()) IS NOT NULL);
