import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { press } from "./forms";

/** What the roles of the server's own PostgreSQL sign in with, by their names without `bulkhead_`. */
export function ownPassword(role: "app" | "inspector"): string {
  const file = join(process.env["BULKHEAD_DATA_DIR"]!, "postgres/credentials.json");
  return (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>)[role]!;
}

/** Where the server's own PostgreSQL is, and how its inspector signs in: what the operator of it would type. */
export function ownAddress(): string {
  const data = process.env["BULKHEAD_DATA_DIR"]!;
  const port = readFileSync(join(data, "postgres/postgres/postmaster.pid"), "utf8").split("\n")[3];
  return `postgres://bulkhead_inspector:${ownPassword("inspector")}@127.0.0.1:${port}/bulkhead`;
}

/** Registers it, with the profile that is guessed. Ends on its settings. */
export async function registerOwnDatabase(op: Page, name: string): Promise<void> {
  await op.goto("/op/sources/new");
  await op.getByLabel("Name").fill(name);
  await op.locator("[name=address]").fill(ownAddress());
  await press(op, "Register");
}
