-- What all share, read only; and what no role that serves requests reaches.
CREATE TABLE plans (id text PRIMARY KEY, price numeric);
GRANT SELECT ON plans TO bulkhead_app, bulkhead_operator;
CREATE VIEW prices AS SELECT id, price FROM plans;
GRANT SELECT ON prices TO bulkhead_app;
CREATE TABLE throttle (subject bytea PRIMARY KEY, failures integer NOT NULL);
