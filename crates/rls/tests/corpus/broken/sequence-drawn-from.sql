-- Class: serial columns need USAGE on their sequence; nextval tells the count as well.
-- expect: sequence-usable
CREATE TABLE invoices (org_id uuid NOT NULL DEFAULT app.org_id(), number bigserial, PRIMARY KEY (org_id, number));
SELECT app.protect('invoices');
GRANT USAGE ON SEQUENCE invoices_number_seq TO bulkhead_app;
