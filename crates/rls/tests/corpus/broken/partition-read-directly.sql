-- Measured (R18): 100 rows instead of 2, by the partition's own name; a GRANT ON ALL TABLES is enough.
-- expect: partition-unprotected
CREATE TABLE notes (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, PRIMARY KEY (org_id, id)) PARTITION BY HASH (org_id);
CREATE TABLE notes_0 PARTITION OF notes FOR VALUES WITH (MODULUS 1, REMAINDER 0);
SELECT app.protect('notes');
GRANT SELECT ON ALL TABLES IN SCHEMA public TO bulkhead_app;
