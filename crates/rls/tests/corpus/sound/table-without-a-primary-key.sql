-- No primary key at all, and an index that starts with the tenant column.
CREATE TABLE log (org_id uuid NOT NULL DEFAULT app.org_id(), at timestamptz NOT NULL DEFAULT now(), line text);
CREATE INDEX ON log (org_id, at);
SELECT app.protect('log');
