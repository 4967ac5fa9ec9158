-- Users. A user belongs to exactly one organization; all that is theirs hangs on (org_id, user_id).

CREATE TABLE users (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT users_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    email text NOT NULL,
    email_norm text COLLATE "C" NOT NULL,
    name text NOT NULL DEFAULT '',
    name_norm text COLLATE "C" NOT NULL DEFAULT '',
    -- What lists sort people by: the name, or the address of someone who gave none.
    sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (CASE WHEN name_norm = '' THEN email_norm ELSE name_norm END) STORED,
    role text NOT NULL,
    status text NOT NULL DEFAULT 'invited',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT users_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT users_email_length CHECK (char_length(email) BETWEEN 3 AND 254),
    CONSTRAINT users_name_length CHECK (char_length(name) <= 120),
    CONSTRAINT users_role_known CHECK (role IN ('admin', 'manager', 'user', 'viewer')),
    CONSTRAINT users_status_known CHECK (status IN ('invited', 'active', 'suspended', 'removed'))
);

-- A removed user keeps the row that the audit log points to and frees the address.
CREATE UNIQUE INDEX users_email_key ON users (org_id, email_norm) WHERE status <> 'removed';
CREATE INDEX users_by_name ON users (org_id, sort_name, id) WHERE status <> 'removed';
CREATE INDEX users_by_created ON users (org_id, created_at DESC, id DESC) WHERE status <> 'removed';
CREATE INDEX users_by_last_seen ON users (org_id, coalesce(last_seen_at, '-infinity'::timestamptz) DESC, id DESC) WHERE status <> 'removed';
CREATE INDEX users_admins ON users (org_id) WHERE role = 'admin' AND status = 'active';

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY users_tenant ON users TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY users_operator_read ON users FOR SELECT TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL);
CREATE POLICY users_operator_insert ON users FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON users TO bulkhead_app;
GRANT INSERT (id, email, email_norm, name, name_norm, role, status, created_at, updated_at),
      UPDATE (name, name_norm, role, status, updated_at, version) ON users TO bulkhead_app;
GRANT SELECT ON users TO bulkhead_operator;
GRANT INSERT (id, email, email_norm, name, name_norm, role, status, created_at, updated_at) ON users TO bulkhead_operator;

-- No organization without an admin who can act, whatever path or race leads there. Two admins who
-- demote each other at once serialise on the advisory lock; the second then counts with a fresh snapshot.
CREATE FUNCTION app.keep_one_admin() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('bulkhead.admins:' || OLD.org_id::text, 0));
    IF NOT EXISTS (SELECT 1 FROM public.users u
                   WHERE u.org_id = OLD.org_id AND u.id <> OLD.id
                     AND u.role = 'admin' AND u.status = 'active') THEN
        RAISE EXCEPTION 'the last active admin of an organization stays' USING ERRCODE = 'BH001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER users_keep_one_admin BEFORE UPDATE OF role, status ON users
    FOR EACH ROW WHEN (OLD.role = 'admin' AND OLD.status = 'active' AND (NEW.role <> 'admin' OR NEW.status <> 'active'))
    EXECUTE FUNCTION app.keep_one_admin();

CREATE TABLE user_passwords (
    org_id uuid NOT NULL DEFAULT app.org_id(),
    user_id uuid NOT NULL,
    phc text NOT NULL,
    pepper_id text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_passwords_pkey PRIMARY KEY (org_id, user_id),
    CONSTRAINT user_passwords_user_fkey FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id)
);
COMMENT ON COLUMN user_passwords.phc IS 'Argon2id PHC string: parameters and salt per hash; the pepper is outside the database.';
ALTER TABLE user_passwords ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_passwords FORCE ROW LEVEL SECURITY;
CREATE POLICY user_passwords_tenant ON user_passwords TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
GRANT SELECT, DELETE ON user_passwords TO bulkhead_app;
GRANT INSERT (user_id, phc, pepper_id, changed_at), UPDATE (phc, pepper_id, changed_at) ON user_passwords TO bulkhead_app;

-- Invitations and password resets: random 256-bit tokens, only their SHA-256 is stored.
CREATE TABLE user_tokens (
    org_id uuid NOT NULL DEFAULT app.org_id(),
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT user_tokens_hash_key UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    invited_by uuid,
    CONSTRAINT user_tokens_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT user_tokens_user_fkey FOREIGN KEY (org_id, user_id) REFERENCES users (org_id, id),
    CONSTRAINT user_tokens_inviter_fkey FOREIGN KEY (org_id, invited_by) REFERENCES users (org_id, id),
    CONSTRAINT user_tokens_purpose_known CHECK (purpose IN ('invitation', 'password_reset')),
    CONSTRAINT user_tokens_hash_length CHECK (octet_length(token_hash) = 32)
);
CREATE INDEX user_tokens_user_idx ON user_tokens (org_id, user_id, purpose);
CREATE INDEX user_tokens_inviter_idx ON user_tokens (org_id, invited_by) WHERE invited_by IS NOT NULL;
ALTER TABLE user_tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY user_tokens_tenant ON user_tokens TO bulkhead_app
    USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY user_tokens_operator_insert ON user_tokens FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON user_tokens TO bulkhead_app;
GRANT INSERT (id, user_id, purpose, token_hash, created_at, expires_at, invited_by), UPDATE (used_at) ON user_tokens TO bulkhead_app;
GRANT INSERT (id, user_id, purpose, token_hash, created_at, expires_at, invited_by) ON user_tokens TO bulkhead_operator;
