-- The few doors that cross tenants, because they run before an organization is known or on behalf of no one:
-- each answers the minimum, is owned by bulkhead_definer (NOLOGIN, BYPASSRLS, column grants only),
-- has a fixed search_path and is executable by one runtime role.

CREATE TABLE sign_in_throttle (
    subject bytea CONSTRAINT sign_in_throttle_pkey PRIMARY KEY,
    failures integer NOT NULL,
    window_started_at timestamptz NOT NULL,
    blocked_until timestamptz,
    CONSTRAINT sign_in_throttle_subject_length CHECK (octet_length(subject) = 32)
);
COMMENT ON TABLE sign_in_throttle IS 'Shared by design: counters keyed by a keyed hash of account or address, before any organization is known. No runtime role reads it directly.';
CREATE INDEX sign_in_throttle_window_idx ON sign_in_throttle (window_started_at);

GRANT SELECT ON orgs, users, user_passwords, user_tokens, org_settings TO bulkhead_definer;
GRANT SELECT ON sessions TO bulkhead_definer;
GRANT UPDATE (last_seen_at, data) ON sessions TO bulkhead_definer;
GRANT UPDATE (revoked_at, revoked_reason) ON sessions TO bulkhead_definer;
GRANT DELETE ON sessions, idempotency_keys TO bulkhead_definer;
GRANT SELECT (created_at) ON idempotency_keys TO bulkhead_definer;
GRANT UPDATE (last_seen_at) ON users TO bulkhead_definer;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_throttle TO bulkhead_definer;
GRANT SELECT, UPDATE ON mail_outbox TO bulkhead_definer;
GRANT SELECT (org_id, id) ON audit_events TO bulkhead_definer;

SET LOCAL ROLE bulkhead_definer;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- One round trip opens a signed-in request: who the cookie's hash stands for, and the context set for this
-- transaction. Nothing is set, and no row returned, unless session, user and organization are all live.
CREATE FUNCTION app.enter(token bytea, realm text)
    RETURNS TABLE (org_id uuid, user_id uuid, session_id uuid, org_slug text, org_name text, org_kind text, org_plan text,
                   user_email text, user_name text, user_role text, method text, assurance smallint,
                   created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    SELECT s.org_id, s.user_id, s.id, o.slug, o.name, o.kind, o.plan,
           u.email, u.name, u.role, s.method, s.assurance, s.created_at, s.last_seen_at, s.expires_at
    INTO org_id, user_id, session_id, org_slug, org_name, org_kind, org_plan,
         user_email, user_name, user_role, method, assurance, created_at, last_seen_at, expires_at
    FROM sessions s
    JOIN users u ON u.org_id = s.org_id AND u.id = s.user_id AND u.status = 'active'
    JOIN orgs o ON o.id = s.org_id AND o.status = 'active'
    WHERE s.token_hash = token AND s.revoked_at IS NULL
      AND s.expires_at > now() AND s.last_seen_at + make_interval(secs => s.idle_seconds) > now();
    IF NOT FOUND OR (realm = 'operator' AND org_kind <> 'platform') THEN
        RETURN;
    END IF;
    PERFORM set_config('app.org_id', org_id::text, true);
    IF realm = 'operator' THEN
        PERFORM set_config('app.operator_id', user_id::text, true);
    END IF;
    RETURN NEXT;
END $$;
COMMENT ON FUNCTION app.enter(bytea, text) IS 'Session hash -> identity, and sets app.org_id (and app.operator_id in the operator realm) for this transaction.';

-- tower-sessions data (flash, typed form state) of one live session.
CREATE FUNCTION app.session_data(token bytea) RETURNS TABLE (data jsonb, expires_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.data, s.expires_at FROM sessions s
    WHERE s.token_hash = token AND s.revoked_at IS NULL AND s.expires_at > now()
$$;
-- UPDATE only: a slow request of a session that was signed out meanwhile finds nothing to write (G03).
CREATE FUNCTION app.session_save(token bytea, new_data jsonb) RETURNS boolean
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH saved AS (UPDATE sessions SET data = new_data
                   WHERE token_hash = token AND revoked_at IS NULL AND expires_at > now() RETURNING 1)
    SELECT EXISTS (SELECT FROM saved)
$$;
CREATE FUNCTION app.session_touch(tokens bytea[]) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    WITH touched AS (
        UPDATE sessions SET last_seen_at = now()
        WHERE token_hash = ANY (tokens) AND revoked_at IS NULL RETURNING org_id, user_id)
    UPDATE users u SET last_seen_at = now() FROM touched t WHERE u.org_id = t.org_id AND u.id = t.user_id
$$;

-- What a password sign-in needs to know of (organization slug, address); the caller hashes in every case.
CREATE FUNCTION app.sign_in_candidate(slug_given text, email_given text)
    RETURNS TABLE (org_id uuid, org_status text, user_id uuid, user_status text, email text, phc text, pepper_id text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.id, o.status, u.id, u.status, u.email, p.phc, p.pepper_id
    FROM orgs o
    LEFT JOIN users u ON u.org_id = o.id AND u.email_norm = email_given AND u.status <> 'removed'
    LEFT JOIN user_passwords p ON p.org_id = u.org_id AND p.user_id = u.id
    WHERE o.slug = slug_given
$$;

-- A live invitation or reset link: whose it is. Using it up happens under RLS, in the scope minted from this row.
CREATE FUNCTION app.token_holder(hash bytea, wanted text)
    RETURNS TABLE (org_id uuid, org_slug text, org_name text, user_id uuid, email text, user_name text, role text, token_id uuid, expires_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.id, o.slug, o.name, u.id, u.email, u.name, u.role, t.id, t.expires_at
    FROM user_tokens t
    JOIN users u ON u.org_id = t.org_id AND u.id = t.user_id
    JOIN orgs o ON o.id = t.org_id AND o.status = 'active'
    WHERE t.token_hash = hash AND t.purpose = wanted AND t.used_at IS NULL AND t.expires_at > now()
      AND u.status = CASE wanted WHEN 'invitation' THEN 'invited' ELSE 'active' END
$$;

-- "Which organizations know this address?" The answer goes to that address by mail, never to the asker.
CREATE FUNCTION app.orgs_of_address(email_given text)
    RETURNS TABLE (org_id uuid, user_id uuid, org_slug text, org_name text, email text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.id, u.id, o.slug, o.name, u.email FROM users u
    JOIN orgs o ON o.id = u.org_id AND o.status = 'active'
    WHERE u.email_norm = email_given AND u.status = 'active'
    ORDER BY o.name LIMIT 20
$$;

-- What an organization shows to anyone who opens its sign-in page.
CREATE FUNCTION app.sign_in_notice(slug_given text) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.value #>> '{}' FROM org_settings s JOIN orgs o ON o.id = s.org_id AND o.status = 'active'
    WHERE o.slug = slug_given AND s.key = 'sign_in.notice'
$$;

-- Seconds to wait before these subjects may try again (0: now).
CREATE FUNCTION app.throttle_wait(subjects bytea[]) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(max(ceil(extract(epoch FROM blocked_until - clock_timestamp())))::int, 0)
    FROM sign_in_throttle WHERE subject = ANY (subjects) AND blocked_until > clock_timestamp()
$$;
-- Count a failure; from the free-th on, block for base * 2^n seconds, at most longest. Windows of 15 minutes.
CREATE FUNCTION app.throttle_fail(subject_given bytea, free integer, base integer, longest integer) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE counted integer;
BEGIN
    INSERT INTO sign_in_throttle AS t (subject, failures, window_started_at)
    VALUES (subject_given, 1, clock_timestamp())
    ON CONFLICT (subject) DO UPDATE SET
        failures = CASE WHEN t.window_started_at < clock_timestamp() - interval '15 minutes'
                             AND coalesce(t.blocked_until, '-infinity') < clock_timestamp() THEN 1 ELSE t.failures + 1 END,
        window_started_at = CASE WHEN t.window_started_at < clock_timestamp() - interval '15 minutes'
                             AND coalesce(t.blocked_until, '-infinity') < clock_timestamp() THEN clock_timestamp() ELSE t.window_started_at END
    RETURNING t.failures INTO counted;
    IF counted >= free THEN
        UPDATE sign_in_throttle SET blocked_until = clock_timestamp()
            + make_interval(secs => least(longest, base * power(2, least(counted - free, 20))))
        WHERE subject = subject_given;
    END IF;
    RETURN counted;
END $$;
CREATE FUNCTION app.throttle_clear(subjects bytea[]) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DELETE FROM sign_in_throttle WHERE subject = ANY (subjects)
$$;

-- The mail worker: claim (with a lease, so that a killed worker's mails come back), then say how it went.
CREATE FUNCTION app.mail_claim(how_many integer, lease_seconds integer)
    RETURNS TABLE (org_id uuid, id uuid, kind text, recipient text, subject text, body text, attempts integer)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE mail_outbox m
    SET attempts = m.attempts + 1, next_attempt_at = now() + make_interval(secs => lease_seconds)
    FROM (SELECT w.org_id, w.id FROM mail_outbox w
          WHERE w.status = 'waiting' AND w.next_attempt_at <= now()
          ORDER BY w.next_attempt_at LIMIT how_many FOR UPDATE SKIP LOCKED) due
    WHERE m.org_id = due.org_id AND m.id = due.id
    RETURNING m.org_id, m.id, m.kind, m.recipient, m.subject, m.body, m.attempts
$$;
CREATE FUNCTION app.mail_finish(org uuid, mail uuid, new_status text, error text, retry_seconds integer) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE mail_outbox SET status = new_status, last_error = left(error, 500),
        next_attempt_at = now() + make_interval(secs => retry_seconds),
        finished_at = CASE WHEN new_status = 'waiting' THEN NULL ELSE now() END,
        body = CASE WHEN new_status = 'waiting' THEN body ELSE '' END
    WHERE org_id = org AND id = mail AND status = 'waiting'
$$;
CREATE FUNCTION app.mail_backlog() RETURNS TABLE (waiting bigint, dead bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT count(*) FILTER (WHERE status = 'waiting'), count(*) FILTER (WHERE status = 'dead') FROM mail_outbox
$$;

-- Whose is this id? Asked after the answer "not found" has gone out, never before, and only of these kinds.
CREATE FUNCTION app.owner_of(kind text, object uuid) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE kind
        WHEN 'org' THEN (SELECT id FROM orgs WHERE id = object)
        WHEN 'user' THEN (SELECT org_id FROM users WHERE id = object LIMIT 1)
        WHEN 'session' THEN (SELECT org_id FROM sessions WHERE id = object LIMIT 1)
        WHEN 'audit_event' THEN (SELECT org_id FROM audit_events WHERE id = object LIMIT 1)
    END
$$;
CREATE FUNCTION app.org_by_slug(slug_given text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT id FROM orgs WHERE slug = slug_given
$$;

-- Housekeeping in bounded bites: rows nobody can use any more.
CREATE FUNCTION app.sweep(how_many integer) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE swept integer; total integer := 0;
BEGIN
    DELETE FROM sessions WHERE token_hash IN (
        SELECT token_hash FROM sessions WHERE expires_at < now() - interval '30 days' LIMIT how_many);
    GET DIAGNOSTICS swept = ROW_COUNT; total := total + swept;
    DELETE FROM sign_in_throttle WHERE subject IN (
        SELECT subject FROM sign_in_throttle WHERE window_started_at < now() - interval '1 day'
          AND coalesce(blocked_until, '-infinity') < now() LIMIT how_many);
    GET DIAGNOSTICS swept = ROW_COUNT; total := total + swept;
    DELETE FROM idempotency_keys WHERE created_at < now() - interval '1 day';
    GET DIAGNOSTICS swept = ROW_COUNT; total := total + swept;
    RETURN total;
END $$;

GRANT EXECUTE ON FUNCTION app.enter(bytea, text) TO bulkhead_app, bulkhead_operator;
GRANT EXECUTE ON FUNCTION app.session_data(bytea), app.session_save(bytea, jsonb), app.session_touch(bytea[]),
    app.sign_in_candidate(text, text), app.token_holder(bytea, text), app.orgs_of_address(text), app.sign_in_notice(text),
    app.throttle_wait(bytea[]), app.throttle_fail(bytea, integer, integer, integer), app.throttle_clear(bytea[]),
    app.mail_claim(integer, integer), app.mail_finish(uuid, uuid, text, text, integer), app.mail_backlog(),
    app.owner_of(text, uuid), app.org_by_slug(text), app.sweep(integer)
    TO bulkhead_auth;

SET LOCAL ROLE bulkhead_owner;
REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
