-- The keys are plain SHA-256 with a prefix for each kind of subject (domain::sign_in::throttle); the first comment, and the
-- words at the table's creation, claimed a keyed hash.
COMMENT ON TABLE sign_in_throttle IS 'Shared by design: counters keyed by the SHA-256 of account or address with a prefix for each kind, before any organization is known. No runtime role reads it directly.';
