-- Class: the exception was added to the condition with OR instead of AND.
-- expect: policy-ignores-tenant
-- implies: policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (org_id = (SELECT app.org_id()) OR title = 'welcome');
