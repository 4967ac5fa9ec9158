-- Supabase splinter 0001 for the column that every policy compares: the small customer waits for the big one's rows.
-- expect: tenant-index-missing
CREATE TABLE notes (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid PRIMARY KEY);
SELECT app.protect('notes');
