-- The tenant context: who a transaction acts for, readable by policies and nothing else.
--
-- A setting that was set once in a connection reads as '' (not NULL) after its transaction,
-- so every read goes through nullif (docs/architecture.md, "The tenant guarantee").

CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO bulkhead_app, bulkhead_operator, bulkhead_auth;
GRANT USAGE, CREATE ON SCHEMA app TO bulkhead_definer;
GRANT USAGE ON SCHEMA public TO bulkhead_app, bulkhead_operator, bulkhead_definer;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE FUNCTION app.org_id() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.org_id', true), '')::uuid;
COMMENT ON FUNCTION app.org_id() IS 'The organization this transaction acts in; NULL outside a scope.';

CREATE FUNCTION app.operator_id() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.operator_id', true), '')::uuid;
COMMENT ON FUNCTION app.operator_id() IS
    'The operator (or system task) this transaction acts for. Only policies TO bulkhead_operator read it, so setting it as bulkhead_app changes nothing.';

GRANT EXECUTE ON FUNCTION app.org_id() TO bulkhead_app, bulkhead_operator, bulkhead_definer;
GRANT EXECUTE ON FUNCTION app.operator_id() TO bulkhead_operator;
