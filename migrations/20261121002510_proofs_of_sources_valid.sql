-- See 20261121002500: what was there before meets the constraints, too.

ALTER TABLE proofs
    VALIDATE CONSTRAINT proofs_data_source_fkey,
    VALIDATE CONSTRAINT proofs_data_source_named,
    VALIDATE CONSTRAINT proofs_data_source_name_length;
