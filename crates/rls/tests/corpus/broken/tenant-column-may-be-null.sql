-- Class: the column was added to a table that had rows, and NOT NULL was left for later.
-- expect: tenant-column-nullable
CREATE TABLE notes (org_id uuid DEFAULT app.org_id(), id uuid PRIMARY KEY);
CREATE INDEX ON notes (org_id);
SELECT app.protect('notes');
