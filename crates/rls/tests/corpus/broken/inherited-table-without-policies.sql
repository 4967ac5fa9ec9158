-- Class: INHERITS hands down columns, not policies; archives and old partitioning by inheritance are read by their own name.
-- expect: inheritance-unprotected
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE notes_2019 (PRIMARY KEY (org_id, id)) INHERITS (notes);
GRANT SELECT ON notes_2019 TO bulkhead_app;
