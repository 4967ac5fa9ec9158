-- Class: the operators' role reads everything at all times, instead of while an operator acts.
-- expect: policy-always-true
-- implies: policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
GRANT SELECT ON notes TO bulkhead_operator;
CREATE POLICY operator_read ON notes FOR SELECT TO bulkhead_operator USING (true);
