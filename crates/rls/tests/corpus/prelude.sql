-- What every schema of the corpus begins with: a context as this product has it, and a table protected in one call.
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO bulkhead_app, bulkhead_operator;
CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.org_id', true), '')::uuid;
CREATE FUNCTION app.operator_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.operator_id', true), '')::uuid;
CREATE FUNCTION app.protect(what regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', what);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', what);
    EXECUTE format('CREATE POLICY tenant ON %s TO bulkhead_app USING (org_id = (SELECT app.org_id()))
                    WITH CHECK (org_id = (SELECT app.org_id()))', what);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO bulkhead_app', what);
END $$;
