-- As bulkhead_migrator, which row-level security does not bind: a history has to be backdated.
-- Sets of rows, no loops: a million events take about half a minute. Ids are hashes of what they stand for.

CREATE FUNCTION pg_temp.named(what text) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN overlay(overlay(md5(what) PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid;
-- A version 7 id: 48 bits of milliseconds, then bits that follow from what it stands for.
CREATE FUNCTION pg_temp.dated(at timestamptz, what text) RETURNS uuid LANGUAGE sql STABLE
    RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(what), 1, 3) || '8' || substr(md5(what), 4, 15))::uuid;

-- Small organizations have 20 to 140 users, 80 on average; the huge one has the rest.
CREATE TEMP TABLE shape AS
SELECT n, pg_temp.named('org ' || n) AS org_id, 'org-' || n AS slug, 20 + (n * 37) % 121 AS users, 8 * (20 + (n * 37) % 121) AS events
FROM generate_series(1, $organizations) n;
UPDATE shape SET slug = 'huge',
    users = $users - (SELECT sum(users) FROM shape WHERE n < $organizations),
    events = $events - (SELECT sum(events) FROM shape WHERE n < $organizations)
WHERE $huge AND n = $organizations;

INSERT INTO orgs (id, slug, name, name_norm, kind, status, plan, created_at, updated_at)
SELECT org_id, slug, 'Organization ' || n, 'organization ' || n, 'customer', 'active',
       CASE WHEN slug = 'huge' THEN 'enterprise' ELSE (ARRAY['free', 'team', 'business'])[1 + n % 3] END, day, day
FROM shape, LATERAL (SELECT timestamptz '2026-01-01 00:00Z' + n * interval '1 hour' AS day) dated;

CREATE TEMP TABLE person AS
SELECT s.org_id, s.slug, k, pg_temp.named('user ' || s.n || ' ' || k) AS id, 'person' || k || '@' || s.slug || '.example' AS email,
       (ARRAY['Ana', 'Ben', 'Chloe', 'Dmitri', 'Elif', 'Farid', 'Grace', 'Hugo', 'Ines', 'Jonas', 'Kira', 'Liam', 'Mei'])[1 + (k * 7 + s.n) % 13]
       || ' ' || (ARRAY['Almeida', 'Berg', 'Castro', 'Dupont', 'Eriksen', 'Fischer', 'Garcia', 'Haddad', 'Ivanova', 'Jansen', 'Kowalski'])[1 + (k * 5 + s.n) % 11] AS name,
       CASE WHEN k = 1 THEN 'admin' WHEN k % 10 = 2 THEN 'manager' WHEN k % 10 = 3 THEN 'viewer' ELSE 'user' END AS role,
       CASE WHEN k = 1 THEN 'active' WHEN k % 17 = 0 THEN 'invited' WHEN k % 29 = 0 THEN 'suspended' ELSE 'active' END AS status,
       timestamptz '2026-02-01 00:00Z' + (s.n + k) * interval '13 minutes' AS created_at
FROM shape s, generate_series(1, s.users) k;
ANALYZE shape;
ANALYZE person;

INSERT INTO users (org_id, id, email, email_norm, name, name_norm, role, status, created_at, updated_at, last_seen_at)
SELECT org_id, id, email, email, name, lower(name), role, status, created_at, created_at,
       CASE WHEN status = 'active' AND k % 7 > 0 THEN timestamptz '2026-10-01 00:00Z' + k * interval '11 minutes' END
FROM person;

INSERT INTO user_passwords (org_id, user_id, phc, pepper_id) SELECT org_id, id, $phc, $pepper FROM person WHERE k = 1;

INSERT INTO sessions (org_id, id, user_id, token_hash, method, user_agent, address, created_at, last_seen_at, idle_seconds, expires_at)
SELECT org_id, pg_temp.named('session ' || id), id, sha256(id::text::bytea), 'password', 'Mozilla/5.0 (X11; Linux x86_64) bench',
       '192.0.2.7', now(), now(), 43200, now() + interval '14 days'
FROM person WHERE status = 'active';

-- Two thirds are sign-ins; the others changed something, and say what it was before.
INSERT INTO audit_events (org_id, id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label, outcome,
                          address, user_agent, request_id, session_id, before, after)
SELECT s.org_id, pg_temp.dated(at, 'event ' || s.n || ' ' || e), at, 'user', p.id, p.email,
       CASE WHEN e % 3 > 0 THEN 'session.started' WHEN e % 2 = 0 THEN 'user.role_changed' ELSE 'user.updated' END,
       CASE WHEN e % 3 > 0 THEN 'session' ELSE 'user' END, p.id::text, p.email,
       CASE WHEN e % 23 = 0 THEN 'denied' ELSE 'success' END, '192.0.2.7', 'Mozilla/5.0 (X11; Linux x86_64) bench',
       pg_temp.named('request ' || s.n || ' ' || e), pg_temp.named('session ' || p.id),
       CASE WHEN e % 3 = 0 THEN '{"role": "viewer"}'::jsonb END, CASE WHEN e % 3 = 0 THEN '{"role": "user"}'::jsonb END
FROM shape s CROSS JOIN LATERAL generate_series(1, s.events) e
     CROSS JOIN LATERAL (SELECT timestamptz '2026-03-01 00:00Z' + e * (interval '200 days' / s.events) AS at) dated
     JOIN person p ON p.org_id = s.org_id AND p.k = 1 + e % s.users;
