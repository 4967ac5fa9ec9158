-- Class: coalesce(context, org_id), to avoid comparing with NULL, compares the row with itself.
-- expect: policy-admits-without-context
-- implies: policy-ignores-tenant
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (org_id = coalesce((SELECT app.org_id()), org_id));
