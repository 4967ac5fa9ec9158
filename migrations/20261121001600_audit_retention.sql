-- Audit events go when they are older than the organization's plan keeps them (setting audit.retention_days).
--
-- No runtime role may delete events. This function does, oldest first and in bites, and holds the least that any plan may
-- promise itself: whatever it is asked, nothing of the last 90 days goes.

UPDATE plan_settings SET value = '90', updated_at = now() WHERE plan = 'free' AND key = 'audit.retention_days' AND value = '30';

GRANT SELECT (at) ON audit_events TO bulkhead_definer;
GRANT USAGE, CREATE ON SCHEMA app TO bulkhead_definer;

SET LOCAL ROLE bulkhead_definer;

-- How many went, and from when to when they were; no row when there was nothing, or another replica is at it.
CREATE FUNCTION app.expire_audit_events(org uuid, older_than timestamptz, how_many integer)
    RETURNS TABLE (expired bigint, oldest timestamptz, newest timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF older_than > now() - interval '90 days' THEN
        RAISE EXCEPTION 'audit events of the last 90 days are not deleted' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT pg_try_advisory_xact_lock(hashtextextended('bulkhead.retention:' || org::text, 0)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH old AS (
        -- Ids are version 7, so their order is the order in time, and the primary key finds the oldest without a sort.
        SELECT e.id FROM audit_events e
        WHERE e.org_id = org AND e.at < older_than
          AND e.id < (lpad(to_hex(floor(extract(epoch FROM older_than) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
        ORDER BY e.id LIMIT how_many
    ), gone AS (
        DELETE FROM audit_events e USING old WHERE e.org_id = org AND e.id = old.id RETURNING e.at
    )
    SELECT count(*), min(gone.at), max(gone.at) FROM gone HAVING count(*) > 0;
END $$;
COMMENT ON FUNCTION app.expire_audit_events(uuid, timestamptz, integer) IS 'Deletes an organization''s oldest events, never one of the last 90 days.';

GRANT EXECUTE ON FUNCTION app.expire_audit_events(uuid, timestamptz, integer) TO bulkhead_operator;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
