-- CVE-2025-48757: generated applications whose tables were readable because nobody had turned row-level security on.
-- The policies are there, and do nothing (Supabase splinter 0007, policy_exists_rls_disabled).
-- expect: rls-off
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
ALTER TABLE notes DISABLE ROW LEVEL SECURITY;
