-- Foreign keys that carry the organization, to a table with a composite key.
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE comments (
    org_id uuid NOT NULL DEFAULT app.org_id(), note uuid NOT NULL, n smallint NOT NULL, answers smallint,
    PRIMARY KEY (org_id, note, n), FOREIGN KEY (org_id, note) REFERENCES notes (org_id, id),
    FOREIGN KEY (org_id, note, answers) REFERENCES comments (org_id, note, n)
);
SELECT app.protect('comments');
