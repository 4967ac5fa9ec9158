-- Mail leaves through an outbox row written in the transaction of the change that causes it.

CREATE TABLE mail_outbox (
    org_id uuid NOT NULL DEFAULT app.org_id() CONSTRAINT mail_outbox_org_fkey REFERENCES orgs (id),
    id uuid NOT NULL,
    kind text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    status text NOT NULL DEFAULT 'waiting',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT mail_outbox_pkey PRIMARY KEY (org_id, id),
    CONSTRAINT mail_outbox_status_known CHECK (status IN ('waiting', 'sent', 'dead'))
);
COMMENT ON COLUMN mail_outbox.body IS 'Holds a capability link until the mail is sent; emptied then, and when it is given up.';
CREATE INDEX mail_outbox_due_idx ON mail_outbox (next_attempt_at) WHERE status = 'waiting';

ALTER TABLE mail_outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE mail_outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY mail_outbox_tenant ON mail_outbox FOR INSERT TO bulkhead_app
    WITH CHECK (org_id = (SELECT app.org_id()));
CREATE POLICY mail_outbox_operator ON mail_outbox FOR INSERT TO bulkhead_operator
    WITH CHECK ((SELECT app.operator_id()) IS NOT NULL AND org_id = (SELECT app.org_id()));
-- Append only: no runtime role reads a waiting mail; the worker goes through app.mail_claim().
GRANT INSERT (id, kind, recipient, subject, body, next_attempt_at, created_at) ON mail_outbox TO bulkhead_app, bulkhead_operator;
