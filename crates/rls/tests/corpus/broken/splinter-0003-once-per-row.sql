-- Supabase splinter 0003, auth_rls_initplan: measured (R17) 215 ms instead of 25 ms on 300 000 rows.
-- expect: context-per-row
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER POLICY tenant ON notes USING (org_id = app.org_id());
