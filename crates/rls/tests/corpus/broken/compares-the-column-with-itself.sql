-- Class: org_id = org_id, after a parameter of the same name was renamed.
-- expect: policy-admits-others
-- implies: policy-ignores-tenant policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (org_id = org_id);
