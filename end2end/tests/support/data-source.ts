import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { press } from "./forms";

/** Where the server's own PostgreSQL is, and how its inspector signs in: what the operator of it would type. */
export function ownAddress(): string {
  const data = process.env["BULKHEAD_DATA_DIR"]!;
  const { inspector } = JSON.parse(readFileSync(join(data, "postgres/credentials.json"), "utf8")) as { inspector: string };
  const port = readFileSync(join(data, "postgres/postgres/postmaster.pid"), "utf8").split("\n")[3];
  return `postgres://bulkhead_inspector:${inspector}@127.0.0.1:${port}/bulkhead`;
}

/** Registers it, with the profile that is guessed. Ends on its settings. */
export async function registerOwnDatabase(op: Page, name: string): Promise<void> {
  await op.goto("/op/sources/new");
  await op.getByLabel("Name").fill(name);
  await op.locator("[name=address]").fill(ownAddress());
  await press(op, "Register");
}
