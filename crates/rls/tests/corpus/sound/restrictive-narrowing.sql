-- A restrictive policy that narrows what the permissive one admits, by a user's setting compared with a column.
CREATE TABLE drafts (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, author uuid, PRIMARY KEY (org_id, id));
SELECT app.protect('drafts');
CREATE POLICY authors ON drafts AS RESTRICTIVE TO bulkhead_app
    USING (author = (SELECT nullif(current_setting('app.user_id', true), '')::uuid))
    WITH CHECK (author = (SELECT nullif(current_setting('app.user_id', true), '')::uuid));
