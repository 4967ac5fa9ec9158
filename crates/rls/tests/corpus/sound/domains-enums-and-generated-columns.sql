-- Domains, one of them NOT NULL and one on the tenant column, an enum, generated columns.
CREATE DOMAIN app.org AS uuid NOT NULL;
CREATE DOMAIN app.email AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE app.mood AS ENUM ('calm', 'cross');
CREATE TABLE people (
    org_id app.org NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, email app.email NOT NULL, mood app.mood NOT NULL,
    email_norm text GENERATED ALWAYS AS (lower(email)) STORED, PRIMARY KEY (org_id, id), UNIQUE (org_id, email_norm)
);
SELECT app.protect('people');
ALTER POLICY tenant ON people USING (org_id = (SELECT app.org_id()) AND mood <> 'cross' AND email <> 'root@localhost')
    WITH CHECK (org_id = (SELECT app.org_id()));
