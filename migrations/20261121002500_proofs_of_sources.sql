-- Proofs of data sources beside those of this product's own database. A proof outlives its data source: it is evidence, and
-- whoever may remove the one must not be able to remove what was found in it. It then stands by the name it was made under.
--
-- While a server of the version before still runs it cannot begin a proof: it names an index that is gone.

ALTER TABLE proofs
    ADD COLUMN data_source_id uuid,
    ADD COLUMN data_source_name text,
    ADD CONSTRAINT proofs_data_source_fkey FOREIGN KEY (org_id, data_source_id) REFERENCES data_sources (org_id, id)
        ON DELETE SET NULL (data_source_id) NOT VALID,
    ADD CONSTRAINT proofs_data_source_named CHECK (data_source_id IS NULL OR data_source_name IS NOT NULL) NOT VALID,
    ADD CONSTRAINT proofs_data_source_name_length CHECK (char_length(data_source_name) <= 120) NOT VALID;
COMMENT ON COLUMN proofs.data_source_id IS 'NULL for this product''s own database, and for a data source that was removed.';
COMMENT ON COLUMN proofs.data_source_name IS 'What the data source was called when the run began; NULL for this product''s own database.';
CREATE INDEX proofs_by_data_source ON proofs (org_id, data_source_id, id);

-- One at a time of each database; of a data source, whoever begins one locks its row first. A run whose data source is removed
-- is neither's.
DROP INDEX proofs_one_running;
CREATE UNIQUE INDEX proofs_one_running ON proofs (org_id) WHERE status = 'running' AND data_source_name IS NULL;
GRANT INSERT (data_source_id, data_source_name) ON proofs TO bulkhead_operator;

ALTER TABLE data_sources ADD COLUMN accepted_attacks jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN data_sources.accepted_attacks IS 'What its proofs accept, as read from profile_text.';
GRANT INSERT (accepted_attacks), UPDATE (accepted_attacks) ON data_sources TO bulkhead_operator;
