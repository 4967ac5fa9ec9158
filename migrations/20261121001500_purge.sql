-- The end of an organization whose time to be restored is over: everything of it goes, in one transaction.
--
-- The row in orgs stays as a gravestone: id, short name and dates, without the name. The short name is never given to
-- anybody else, because links in old mails and bookmarks (/login/acme) must not lead people to strangers (docs/adr/0012).
--
-- A function of the definer instead of DELETE for a runtime role: it deletes what is due and nothing else, whoever calls.

GRANT DELETE ON org_settings, provisioning_steps, users, user_passwords, user_tokens, sessions, audit_events, mail_outbox,
    idempotency_keys TO bulkhead_definer;
GRANT SELECT (org_id) ON provisioning_steps, idempotency_keys TO bulkhead_definer;
GRANT UPDATE (name, name_norm, status, status_reason, suspended_at, delete_after, updated_at, version) ON orgs TO bulkhead_definer;
GRANT USAGE, CREATE ON SCHEMA app TO bulkhead_definer;

SET LOCAL ROLE bulkhead_definer;

-- Rows deleted, by table; NULL when the organization is not due, or somebody is deciding on it at this moment. Holding its
-- row, a restore waits and then finds it gone; a restore that holds it first is not waited for.
-- Every table with an org_id is emptied, found in the catalogue, those first that no other of them refers to: a table that
-- a later migration forgets here would keep rows, and its missing grant ends the purge instead.
CREATE FUNCTION app.purge_org(org uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    waiting oid[];
    next_one oid;
    gone bigint;
    counts jsonb := '{}';
BEGIN
    PERFORM FROM orgs o WHERE o.id = org AND o.kind = 'customer' AND o.status = 'pending_deletion' AND o.delete_after <= now()
        FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(c.oid ORDER BY c.relname) INTO waiting
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attname = 'org_id' AND NOT a.attisdropped;
    WHILE cardinality(waiting) > 0 LOOP
        SELECT t INTO next_one FROM unnest(waiting) t
        WHERE NOT EXISTS (SELECT FROM pg_constraint f
                          WHERE f.contype = 'f' AND f.confrelid = t AND f.conrelid <> t AND f.conrelid = ANY (waiting))
        LIMIT 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'tables refer to each other in a circle: %', waiting::regclass[];
        END IF;
        EXECUTE format('DELETE FROM %s WHERE org_id = $1', next_one::regclass) USING org;
        GET DIAGNOSTICS gone = ROW_COUNT;
        counts := counts || jsonb_build_object((SELECT relname FROM pg_class WHERE oid = next_one), gone);
        waiting := array_remove(waiting, next_one);
    END LOOP;
    UPDATE orgs SET name = 'Deleted organization', name_norm = 'deleted organization', status = 'deleted', status_reason = NULL,
        suspended_at = NULL, delete_after = NULL, updated_at = now(), version = version + 1
    WHERE id = org;
    RETURN counts;
END $$;
COMMENT ON FUNCTION app.purge_org(uuid) IS 'Deletes everything of an organization that is due, and leaves a gravestone. Rows by table; NULL when it is not due.';

-- Nothing is written about a gravestone: to those who ask for it by name or id it is nobody's.
CREATE OR REPLACE FUNCTION app.sign_in_candidate(slug_given text, email_given text)
    RETURNS TABLE (org_id uuid, org_status text, user_id uuid, user_status text, email text, phc text, pepper_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.id, o.status, u.id, u.status, u.email, p.phc, p.pepper_id
    FROM orgs o
    LEFT JOIN users u ON u.org_id = o.id AND u.email_norm = email_given AND u.status <> 'removed'
    LEFT JOIN user_passwords p ON p.org_id = u.org_id AND p.user_id = u.id
    WHERE o.slug = slug_given AND o.status <> 'deleted'
$$;
CREATE OR REPLACE FUNCTION app.owner_of(kind text, object uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE kind
        WHEN 'org' THEN (SELECT id FROM orgs WHERE id = object AND status <> 'deleted')
        WHEN 'user' THEN (SELECT org_id FROM users WHERE id = object LIMIT 1)
        WHEN 'session' THEN (SELECT org_id FROM sessions WHERE id = object LIMIT 1)
        WHEN 'audit_event' THEN (SELECT org_id FROM audit_events WHERE id = object LIMIT 1)
    END
$$;
CREATE OR REPLACE FUNCTION app.org_by_slug(slug_given text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT id FROM orgs WHERE slug = slug_given AND status <> 'deleted'
$$;

GRANT EXECUTE ON FUNCTION app.purge_org(uuid) TO bulkhead_operator;
SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
