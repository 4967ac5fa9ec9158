-- "Last seen" as lists sort by it: someone who was never seen comes last. A column, because coalesce() does not count
-- as leakproof, so under row-level security a page after the first could not begin in the middle of the index.

ALTER TABLE users ADD COLUMN sort_seen timestamptz NOT NULL
    GENERATED ALWAYS AS (coalesce(last_seen_at, '-infinity'::timestamptz)) STORED;
DROP INDEX users_by_last_seen;
CREATE INDEX users_by_last_seen ON users (org_id, sort_seen DESC, id DESC) WHERE status <> 'removed';
