-- Runs of the prover: the matrix of attacks, signed, and how far a run is while it lasts. Rows of the platform.

CREATE TABLE proofs (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT proofs_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    status text NOT NULL DEFAULT 'running',
    requested_by text,
    started_at timestamptz NOT NULL,
    -- Renewed with every step: a run whose server died is taken for failed when nothing was heard for a while.
    heard_at timestamptz NOT NULL,
    finished_at timestamptz,
    doing text NOT NULL DEFAULT '',
    cells_done integer NOT NULL DEFAULT 0,
    cells_total integer NOT NULL DEFAULT 0,
    catalogue_hash text,
    standing text,
    sentence text,
    held integer NOT NULL DEFAULT 0,
    leaked integer NOT NULL DEFAULT 0,
    accepted integer NOT NULL DEFAULT 0,
    unproven integer NOT NULL DEFAULT 0,
    document bytea,
    failure text,
    CONSTRAINT proofs_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT proofs_status_known CHECK (status IN ('running', 'finished', 'failed')),
    CONSTRAINT proofs_standing_known CHECK (standing IN ('red', 'incomplete', 'green')),
    CONSTRAINT proofs_finished CHECK ((status = 'finished') = (document IS NOT NULL)),
    CONSTRAINT proofs_sizes CHECK (char_length(failure) <= 2000 AND char_length(doing) <= 400 AND octet_length(document) <= 67108864)
);
COMMENT ON COLUMN proofs.id IS 'UUIDv7, so (org_id, id) is also the order in time.';
COMMENT ON COLUMN proofs.requested_by IS 'The operator''s address; NULL where the schedule or a changed catalogue asked.';
COMMENT ON COLUMN proofs.document IS 'The signed proof, byte for byte as it is downloaded and verified.';
-- Two runs at once would only slow each other down.
CREATE UNIQUE INDEX proofs_one_running ON proofs (org_id) WHERE status = 'running';

ALTER TABLE proofs ENABLE ROW LEVEL SECURITY;
ALTER TABLE proofs FORCE ROW LEVEL SECURITY;
CREATE POLICY proofs_operator ON proofs TO bulkhead_operator
    USING ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()))
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
GRANT SELECT ON proofs TO bulkhead_operator;
GRANT INSERT (id, status, requested_by, started_at, heard_at),
      UPDATE (status, heard_at, finished_at, doing, cells_done, cells_total, catalogue_hash, standing, sentence, held, leaked,
              accepted, unproven, document, failure) ON proofs TO bulkhead_operator;
-- See app.purge_org().
GRANT SELECT (org_id), DELETE ON proofs TO bulkhead_definer;
