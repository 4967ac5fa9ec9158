-- A definer function with a fixed path that nobody may call: a trigger writes what the role may not.
CREATE TABLE notes (
    org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL DEFAULT gen_random_uuid(),
    title text NOT NULL DEFAULT '', is_public boolean NOT NULL DEFAULT false, PRIMARY KEY (org_id, id)
);
SELECT app.protect('notes');
CREATE TABLE history (org_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now(), what text NOT NULL);
CREATE INDEX ON history (org_id, at);
ALTER TABLE history ALTER COLUMN org_id SET DEFAULT app.org_id();
CREATE FUNCTION app.remember() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN INSERT INTO history (org_id, what) VALUES (NEW.org_id, TG_OP); RETURN NEW; END $$;
REVOKE EXECUTE ON FUNCTION app.remember() FROM PUBLIC;
CREATE TRIGGER remember AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION app.remember();
