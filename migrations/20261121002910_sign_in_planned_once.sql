-- What every password sign-in asks for, in PL/pgSQL, for the reason in 20261121002900_notice_planned_once.sql. And whether a
-- failure is counted at all comes with the wait, so that an ordinary sign-in has nothing to forget and asks once.

GRANT CREATE ON SCHEMA app TO bulkhead_definer;
SET LOCAL ROLE bulkhead_definer;

CREATE OR REPLACE FUNCTION app.sign_in_candidate(slug_given text, email_given text)
    RETURNS TABLE (org_id uuid, org_status text, user_id uuid, user_status text, email text, phc text, pepper_id text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT o.id, o.status, u.id, u.status, u.email, p.phc, p.pepper_id
    FROM orgs o
    LEFT JOIN users u ON u.org_id = o.id AND u.email_norm = email_given AND u.status <> 'removed'
    LEFT JOIN user_passwords p ON p.org_id = u.org_id AND p.user_id = u.id
    WHERE o.slug = slug_given AND o.status <> 'deleted';
END $$;

CREATE OR REPLACE FUNCTION app.throttle_wait(subjects bytea[]) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN count(*) = 0 THEN -1
                    ELSE coalesce(max(ceil(extract(epoch FROM blocked_until - clock_timestamp())))
                                  FILTER (WHERE blocked_until > clock_timestamp())::int, 0) END
        FROM sign_in_throttle WHERE subject = ANY (subjects)
    );
END $$;
COMMENT ON FUNCTION app.throttle_wait(bytea[]) IS 'Seconds until these may try again, 0 is now; -1 where nothing is counted for any of them.';

SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
