-- What the sign-in page asks for, in PL/pgSQL: a SECURITY DEFINER function in SQL is not inlined, and PostgreSQL parses and
-- plans its text again at every call. In PL/pgSQL a connection plans it once. It answers what it answered.

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;

CREATE OR REPLACE FUNCTION app.sign_in_notice(slug_given text) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT s.value #>> '{}' FROM org_settings s JOIN orgs o ON o.id = s.org_id AND o.status = 'active'
        WHERE o.slug = slug_given AND s.key = 'sign_in.notice'
    );
END $$;

SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
