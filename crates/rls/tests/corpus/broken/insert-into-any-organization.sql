-- Class: FOR INSERT WITH CHECK (true), because an insert reads nothing: it plants rows at the neighbour's.
-- expect: policy-always-true
-- implies: policy-admits-others policy-admits-without-context
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE POLICY add ON notes FOR INSERT TO bulkhead_app WITH CHECK (true);
