-- Supabase splinter 0024, rls_policy_always_true: a policy made to get rid of the warning that there is none.
-- expect: policy-always-true
-- implies: tenant-column-mutable policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (true) WITH CHECK (true);
