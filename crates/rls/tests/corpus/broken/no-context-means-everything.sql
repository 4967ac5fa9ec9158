-- Class: jobs run without a context, so no context was made to mean every row (R03: a pooled connection that lost it does too).
-- expect: policy-admits-without-context
-- implies: policy-ignores-tenant
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING ((SELECT app.org_id()) IS NULL OR org_id = (SELECT app.org_id()));
