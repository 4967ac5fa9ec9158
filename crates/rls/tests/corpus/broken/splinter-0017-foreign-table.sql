-- Supabase splinter 0017, foreign_table_in_api: its rows are another server's, and so are its policies.
-- expect: foreign-table
CREATE FOREIGN DATA WRAPPER elsewhere;
CREATE SERVER billing FOREIGN DATA WRAPPER elsewhere;
CREATE FOREIGN TABLE invoices (org_id uuid, total numeric) SERVER billing;
GRANT SELECT ON invoices TO bulkhead_app;
