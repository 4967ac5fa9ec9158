-- Class: the table is shared by design, and writable by all who share it.
-- expect: shared-but-writable
CREATE TABLE plans (id text PRIMARY KEY, price numeric);
GRANT SELECT, UPDATE ON plans TO bulkhead_app;
