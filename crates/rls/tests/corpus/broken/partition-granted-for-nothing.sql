-- Class: the partition has policies of its own, and rights that nobody needs: one day the policies differ.
-- expect: partition-granted
CREATE TABLE notes (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, PRIMARY KEY (org_id, id)) PARTITION BY HASH (org_id);
CREATE TABLE notes_0 PARTITION OF notes FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT app.protect('notes');
SELECT app.protect('notes_0');
