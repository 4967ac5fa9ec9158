-- The database roles of Bulkhead, for a whole PostgreSQL cluster. Idempotent; run it as a superuser:
--     psql -v ON_ERROR_STOP=1 -f crates/db/src/roles.sql postgres
-- Passwords and the rights on one database are not here: `bulkhead database setup` (crates/db/src/setup.rs) sets them.
BEGIN;

-- ALTER ROLE of two sessions at once fails with "tuple concurrently updated". The same key is held by setup.rs.
SELECT pg_advisory_xact_lock(7526466502469642604);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bulkhead_owner', 'bulkhead_definer', 'bulkhead_migrator', 'bulkhead_inspector',
                                'bulkhead_app', 'bulkhead_operator', 'bulkhead_auth'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I', name);
        END IF;
    END LOOP;
END
$$;

-- Owns every table. Nobody signs in as it, and it is a member of nothing.
ALTER ROLE bulkhead_owner
    NOLOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;

-- Owns the few SECURITY DEFINER functions that must see across organizations before anybody is signed in.
-- BYPASSRLS lifts policies, not grants: migrations give it the columns that its functions read, and no more.
ALTER ROLE bulkhead_definer
    NOLOGIN NOINHERIT NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
-- What its functions write here seals a transaction's organization: no role that serves requests can change it
-- (docs/adr/0014-sealed-context.md). On a server without this grant the product works, and the context is not sealed.
GRANT SET ON PARAMETER backtrace_functions TO bulkhead_definer;

-- Runs migrations, and never serves a request. It changes the schema as the owner (SET ROLE) and back-fills data as
-- itself: under FORCE the owner sees no rows, so it inherits the owner's rights and bypasses policies.
ALTER ROLE bulkhead_migrator
    LOGIN INHERIT NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
GRANT bulkhead_owner, bulkhead_definer TO bulkhead_migrator;

-- The three roles that serve requests, one pool each. The server refuses to start when one of them can do more.
ALTER ROLE bulkhead_app
    LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE bulkhead_operator
    LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
ALTER ROLE bulkhead_auth
    LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;

-- Looks at any row past policies, becomes each role that serves requests to see what that role would, and clones the
-- schema to attack the clone. For the Row X-ray and for proofs only, and a server works without it. Not a superuser:
-- it reads and clones, and what it can become is what is listed here.
ALTER ROLE bulkhead_inspector
    LOGIN INHERIT NOSUPERUSER BYPASSRLS CREATEDB NOCREATEROLE NOREPLICATION;
GRANT bulkhead_owner, bulkhead_definer, bulkhead_app, bulkhead_operator, bulkhead_auth TO bulkhead_inspector;

-- A forgotten transaction or a slow query of one organization must not hold up the others.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['bulkhead_app', 'bulkhead_operator', 'bulkhead_auth'] LOOP
        EXECUTE format('ALTER ROLE %I SET statement_timeout = ''5s''', name);
        EXECUTE format('ALTER ROLE %I SET lock_timeout = ''2s''', name);
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''10s''', name);
        EXECUTE format('ALTER ROLE %I SET timezone = ''UTC''', name);
    END LOOP;
END
$$;
ALTER ROLE bulkhead_migrator SET timezone = 'UTC';
ALTER ROLE bulkhead_inspector SET timezone = 'UTC';

COMMIT;
