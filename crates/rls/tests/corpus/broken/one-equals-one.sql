-- Class: USING (1 = 1), left behind by a generator of conditions that had none to write.
-- expect: policy-always-true
-- implies: policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY everything ON notes FOR SELECT TO bulkhead_app USING (1 = 1);
