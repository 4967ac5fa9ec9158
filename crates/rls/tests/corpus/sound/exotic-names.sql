-- Names that have to be quoted: a quotation mark, a semicolon, a dot, a space, a keyword, capitals, none of ASCII.
CREATE SCHEMA "My ""Schema"".x";
GRANT USAGE ON SCHEMA "My ""Schema"".x" TO bulkhead_app;
CREATE TABLE "My ""Schema"".x"."we""ird; drop" (
    "org_id" uuid NOT NULL DEFAULT app.org_id(), "User" uuid NOT NULL, "select" text, "größe; --" text,
    CONSTRAINT "p""k" PRIMARY KEY (org_id, "User"), UNIQUE (org_id, "größe; --")
);
ALTER TABLE "My ""Schema"".x"."we""ird; drop" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "My ""Schema"".x"."we""ird; drop" FORCE ROW LEVEL SECURITY;
CREATE POLICY "it's ""mine""; --" ON "My ""Schema"".x"."we""ird; drop" TO bulkhead_app
    USING (org_id = (SELECT app.org_id()) AND ("größe; --" IS NULL OR "select" <> 'it''s'))
    WITH CHECK (org_id = (SELECT app.org_id()));
GRANT SELECT, INSERT, DELETE ON "My ""Schema"".x"."we""ird; drop" TO bulkhead_app;
GRANT UPDATE ("select") ON "My ""Schema"".x"."we""ird; drop" TO bulkhead_app;
