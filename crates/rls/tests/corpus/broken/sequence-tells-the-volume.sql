-- R22: last_value of a sequence tells how many rows all organizations made, and how fast.
-- expect: sequence-readable
CREATE TABLE invoices (org_id uuid NOT NULL DEFAULT app.org_id(), number bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (org_id, number));
SELECT app.protect('invoices');
GRANT SELECT ON SEQUENCE invoices_number_seq TO bulkhead_app;
