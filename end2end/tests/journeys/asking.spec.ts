import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { acmeAdmin } from "../support/people";
import { expect, test } from "../support/test";

const run = promisify(execFile);

test("the example of asking for decisions runs as its document says", async ({ baseURL }) => {
  const env = { ...process.env, BULKHEAD_URL: baseURL ?? "", BULKHEAD_PASSWORD: acmeAdmin.password };
  const { stdout } = await run(process.execPath, ["../docs/examples/ask.mjs"], { env, timeout: 60_000 });
  const [first, second, third] = stdout.trim().split("\n");
  expect(first).toBe("admin@acme.example deletes b-17");
  expect(second).toMatch(/^viewer@acme\.example may not: None of their roles allows it\. \(not-granted, [0-9a-f-]{36}\)$/);
  expect(third).toBe("manager@acme.example may create, read, update, execute, delete workflows");
});
