-- Measured (R13): a global UNIQUE (email) answers at sign-up whether a person is a customer of somebody else.
-- expect: unique-without-tenant
CREATE TABLE users (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, email text NOT NULL UNIQUE, PRIMARY KEY (org_id, id));
SELECT app.protect('users');
