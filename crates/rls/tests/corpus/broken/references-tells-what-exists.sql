-- R15: with REFERENCES a foreign key of one's own asks which rows of others exist.
-- expect: unrestrained-privilege
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
GRANT REFERENCES ON notes TO bulkhead_app;
