-- A child table with policies of its own.
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE notes_2019 (PRIMARY KEY (org_id, id)) INHERITS (notes);
SELECT app.protect('notes_2019');
