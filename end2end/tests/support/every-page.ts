import { registerOwnDatabase } from "./data-source";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { press } from "./forms";
import type { Mailbox } from "./mailbox";
import { createOrganization, type Organization } from "./organization";
import { acmeAdmin, operator, unique, type Person } from "./people";

/** Who looks at a page; nobody is a visitor. */
export type Viewer = "visitor" | "tenant" | "operator";

/** What the addresses below are filled in with. */
export interface Places {
  slug: string;
  user: string;
  invited: string;
  role: string;
  conflict: string;
  workspace: string;
  archived: string;
  event: string;
  denial: string;
  decision: string;
  opEvent: string;
  org: string;
  suspended: string;
  leaving: string;
  invitation: string;
  reset: string;
  mail: string;
  alert: string;
  proof: string;
  source: string;
  sourceProof: string;
  plan: string;
}

/** The built-in Admin's id, the same in every organization. */
const builtInAdmin = "00000000-0000-4000-8000-000000000a01";

/** A route as the server writes it, and the pages of it to look at. */
type Entry = [route: string, viewer: Viewer, ...addresses: ((at: Places) => string)[]];

export const pages: Entry[] = [
  ["/login", "visitor", () => "/login"],
  ["/login/{slug}", "visitor", () => "/login/acme"],
  ["/forgot", "visitor", () => "/forgot"],
  ["/forgot/{slug}", "visitor", () => "/forgot/acme"],
  ["/invite/{token}", "visitor", (at) => at.invitation, () => "/invite/no-such-token"],
  ["/reset/{token}", "visitor", (at) => at.reset],
  ["/gallery", "visitor", () => "/gallery"],
  ["/dev/mail", "visitor", () => "/dev/mail"],
  ["/dev/mail/{id}", "visitor", (at) => at.mail],
  ["/api/docs", "visitor", () => "/api/docs"],
  ["/account", "tenant", () => "/account"],
  ["/account/password", "tenant", () => "/account/password"],
  ["/account/sessions", "tenant", () => "/account/sessions"],
  ["/t/{slug}", "tenant", () => "/t/acme", () => "/t/no-such-organization"],
  ["/t/{slug}/users", "tenant", () => "/t/acme/users", () => "/t/acme/users?q=nobody-of-this-name&status=active", () => "/t/acme/users?all=true"],
  ["/t/{slug}/users/invite", "tenant", () => "/t/acme/users/invite"],
  ["/t/{slug}/users/roles", "tenant", () => "/t/acme/users/roles", () => "/t/acme/users/roles?deed=take&filter=role%3Dviewer"],
  ["/t/{slug}/users/{id}", "tenant", (at) => at.user, (at) => at.invited],
  ["/t/{slug}/users/{id}/suspend", "tenant", (at) => `${at.user}/suspend`],
  ["/t/{slug}/users/{id}/remove", "tenant", (at) => `${at.user}/remove`],
  ["/t/{slug}/roles", "tenant", () => "/t/acme/roles"],
  ["/t/{slug}/roles/new", "tenant", () => "/t/acme/roles/new", (at) => `/t/acme/roles/new?from=${at.role.split("/").at(-1)}`],
  ["/t/{slug}/roles/{id}", "tenant", (at) => at.role, () => `/t/acme/roles/${builtInAdmin}`],
  ["/t/{slug}/roles/{id}/edit", "tenant", (at) => `${at.role}/edit`, (at) => `${at.role}/edit?version=1`],
  ["/t/{slug}/roles/{id}/delete", "tenant", (at) => `${at.role}/delete`],
  ["/t/{slug}/roles/{id}/versions/{version}", "tenant", (at) => `${at.role}/versions/1`],
  [
    "/t/{slug}/users/{id}/access", "tenant",
    (at) => `${at.user}/access`, (at) => `${at.user}/access?show=allowed`, (at) => `${at.user}/access?address=nowhere`,
  ],
  [
    "/t/{slug}/roles/who", "tenant",
    () => "/t/acme/roles/who", () => "/t/acme/roles/who?permission=users:read", () => "/t/acme/roles/who?permission=x",
  ],
  ["/t/{slug}/roles/conflicts", "tenant", () => "/t/acme/roles/conflicts"],
  ["/t/{slug}/roles/conflicts/new", "tenant", () => "/t/acme/roles/conflicts/new"],
  ["/t/{slug}/roles/conflicts/{id}", "tenant", (at) => at.conflict],
  ["/t/{slug}/roles/conflicts/{id}/edit", "tenant", (at) => `${at.conflict}/edit`],
  ["/t/{slug}/roles/conflicts/{id}/delete", "tenant", (at) => `${at.conflict}/delete`],
  ["/t/{slug}/workspaces", "tenant", () => "/t/acme/workspaces"],
  ["/t/{slug}/workspaces/new", "tenant", () => "/t/acme/workspaces/new"],
  ["/t/{slug}/workspaces/{id}", "tenant", (at) => at.workspace, (at) => at.archived],
  ["/t/{slug}/workspaces/{id}/edit", "tenant", (at) => `${at.workspace}/edit`],
  ["/t/{slug}/workspaces/{id}/archive", "tenant", (at) => `${at.workspace}/archive`],
  ["/t/{slug}/workspaces/{id}/restore", "tenant", (at) => `${at.archived}/restore`],
  ["/t/{slug}/workspaces/{id}/members/{user}/remove", "tenant", (at) => `${at.workspace}/members/${at.user.split("/").at(-1)}/remove`],
  ["/t/{slug}/settings", "tenant", () => "/t/acme/settings"],
  ["/t/{slug}/audit", "tenant", () => "/t/acme/audit", () => "/t/acme/audit?until=2020-01-01"],
  ["/t/{slug}/audit/{id}", "tenant", (at) => at.event, (at) => at.denial],
  ["/t/{slug}/decisions", "tenant", () => "/t/acme/decisions", () => "/t/acme/decisions?person=nobody&outcome=denied"],
  ["/t/{slug}/decisions/{id}", "tenant", (at) => at.decision],
  ["/t/{slug}/references", "tenant", () => "/t/acme/references", () => "/t/acme/references?reference=tomorrow"],
  ["/op", "operator", () => "/op"],
  ["/op/orgs", "operator", () => "/op/orgs", () => "/op/orgs?q=nothing-of-this-name"],
  ["/op/orgs/new", "operator", () => "/op/orgs/new"],
  [
    "/op/orgs/{id}", "operator",
    (at) => at.org, (at) => `${at.org}?tab=users`, (at) => `${at.org}?tab=settings`, (at) => `${at.org}?tab=activity`,
    (at) => at.suspended, (at) => at.leaving,
  ],
  ["/op/orgs/{id}/edit", "operator", (at) => `${at.org}/edit`],
  ["/op/orgs/{id}/suspend", "operator", (at) => `${at.org}/suspend`],
  ["/op/orgs/{id}/reactivate", "operator", (at) => `${at.suspended}/reactivate`],
  ["/op/orgs/{id}/deprovision", "operator", (at) => `${at.org}/deprovision`],
  ["/op/orgs/{id}/restore", "operator", (at) => `${at.leaving}/restore`],
  ["/op/isolation", "operator", () => "/op/isolation"],
  ["/op/isolation/{table}/xray", "operator", () => "/op/isolation/public.users/xray"],
  ["/op/isolation/findings", "operator", () => "/op/isolation/findings"],
  ["/op/sources", "operator", () => "/op/sources"],
  ["/op/sources/new", "operator", () => "/op/sources/new"],
  ["/op/sources/{id}", "operator", (at) => at.source],
  ["/op/sources/{id}/settings", "operator", (at) => `${at.source}/settings`],
  ["/op/sources/{id}/remove", "operator", (at) => `${at.source}/remove`],
  ["/op/sources/{id}/findings", "operator", (at) => `${at.source}/findings`],
  ["/op/sources/{id}/proofs", "operator", (at) => `${at.source}/proofs`],
  ["/op/sources/{id}/proofs/new", "operator", (at) => `${at.source}/proofs/new`],
  ["/op/sources/{id}/proofs/{proof}", "operator", (at) => at.sourceProof],
  ["/op/sources/{id}/{table}", "operator", (at) => `${at.source}/public.users`],
  ["/op/sources/{id}/{table}/xray", "operator", (at) => `${at.source}/public.users/xray`],
  ["/op/resource-types", "operator", () => "/op/resource-types"],
  ["/op/resource-types/new", "operator", () => "/op/resource-types/new"],
  ["/op/resource-types/{type}", "operator", () => "/op/resource-types/backups"],
  ["/op/resource-types/{type}/remove", "operator", () => "/op/resource-types/backups/remove"],
  ["/op/plans", "operator", () => "/op/plans"],
  ["/op/plans/{id}", "operator", (at) => at.plan],
  ["/op/proofs", "operator", () => "/op/proofs"],
  ["/op/proofs/{id}", "operator", (at) => at.proof],
  ["/op/attempts", "operator", () => "/op/attempts"],
  ["/op/alerts/{id}", "operator", (at) => at.alert],
  ["/op/isolation/{table}", "operator", () => "/op/isolation/public.users", () => "/op/isolation/public.plans"],
  ["/op/audit", "operator", () => "/op/audit"],
  ["/op/audit/{id}", "operator", (at) => at.opEvent],
  ["/op/references", "operator", () => "/op/references", () => "/op/references?reference=tomorrow"],
];

/** Routes that answer with something else than a page of their own. */
export const notPages = [
  "/", "/.well-known/change-password", "/t/{slug}/palette", "/op/palette", "/t/{slug}/audit/live", "/op/audit/live",
  "/op/proofs/{id}/proof.json", "/op/sources/{id}/proofs/{proof}/proof.json",
  "/t/{slug}/roles/who.csv",
];

/** Every `.get("/…"` of the pages' sources: what the lists above must name. */
export function routesInTheSource(): string[] {
  const source = join(import.meta.dirname, "../../../src/web");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".rs"));
  const found = files.flatMap((file) => [...readFileSync(join(source, file), "utf8").matchAll(/\.get\("(\/[^"]*)"/g)]);
  return [...new Set(found.map((match) => match[1]!))].sort();
}

const firstRow = async (page: Page, path: string) => {
  await page.goto(path);
  return (await page.getByRole("rowheader").getByRole("link").first().getAttribute("href"))!;
};

/** An alert over somebody who aims at what is another organization's. Attempts are recorded after the answer is sent. */
async function raisedAlert(op: Page, tenant: Page): Promise<string> {
  for (let attempt = 0; attempt < 3; attempt += 1) await tenant.goto("/t/globex");
  await expect(async () => {
    await op.goto("/op/attempts");
    await expect(op.getByRole("rowheader").getByRole("link").first()).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 60_000 });
  return firstRow(op, "/op/attempts");
}

/** The server's own database as a data source; one is enough for all who want to look at one. */
async function anySource(op: Page): Promise<string> {
  await op.goto("/op/sources");
  if ((await op.getByRole("rowheader").count()) === 0) await registerOwnDatabase(op, "Shop");
  return firstRow(op, "/op/sources");
}

/** A statement that the server itself sent, with its plan. */
async function anyPlan(op: Page): Promise<string> {
  await op.goto("/op/plans");
  if ((await op.getByRole("rowheader").count()) === 0) await press(op, "Ask for plans now");
  return firstRow(op, "/op/plans");
}

/** A role of the organization's own; one is enough for all who want to look at one. */
async function anyRole(tenant: Page): Promise<string> {
  await tenant.goto("/t/acme/roles");
  const own = tenant.getByRole("table", { name: "Roles of this organization, by name" });
  if ((await own.count()) === 0) {
    await tenant.goto("/t/acme/roles/new");
    await tenant.getByLabel("Name", { exact: true }).fill(unique("Auditor"));
    await tenant.getByLabel("Read the audit log", { exact: true }).selectOption("Allow");
    await press(tenant, "Review changes");
    await press(tenant, "Save role");
    await tenant.goto("/t/acme/roles");
  }
  return (await own.getByRole("rowheader").getByRole("link").first().getAttribute("href"))!;
}

/** Duties that exclude each other; one is enough for all who want to look at one. */
async function anyConflict(tenant: Page): Promise<string> {
  await tenant.goto("/t/acme/roles/conflicts");
  if ((await tenant.getByRole("rowheader").count()) === 0) {
    await tenant.goto("/t/acme/roles/conflicts/new");
    await tenant.getByLabel("Name", { exact: true }).fill(unique("Eyes"));
    await tenant.getByLabel("One permission").selectOption("settings:update");
    await tenant.getByLabel("The other permission").selectOption("audit:read");
    await tenant.getByLabel(/^Why /).fill("Who changes does not check.");
    await press(tenant, "Create conflict");
  }
  return firstRow(tenant, "/t/acme/roles/conflicts");
}

/** A workspace of acme's that somebody is in; where it is. */
async function anyWorkspace(tenant: Page, user: string): Promise<string> {
  await tenant.goto(user);
  const email = await tenant.getByRole("definition").first().innerText();
  await tenant.goto("/t/acme/workspaces/new");
  await tenant.getByLabel("Name", { exact: true }).fill(unique("Pilot"));
  await press(tenant, "Create workspace");
  await expect(tenant.getByRole("button", { name: "Add member" })).toBeVisible();
  const path = new URL(tenant.url()).pathname;
  await tenant.getByLabel("E-mail address").fill(email);
  await press(tenant, "Add member");
  return path;
}

/** One that is archived. */
async function anyArchived(tenant: Page, user: string): Promise<string> {
  const path = await anyWorkspace(tenant, user);
  await tenant.goto(`${path}/archive`);
  await press(tenant, /^Archive /);
  return path;
}

/** A run of the prover; one is enough for all who want to look at one. */
async function anyProof(op: Page): Promise<string> {
  await op.goto("/op/proofs");
  if ((await op.getByRole("rowheader").count()) === 0) await press(op, "Prove isolation");
  return firstRow(op, "/op/proofs");
}

/** The same of a data source. */
async function anyProofOf(op: Page, source: string): Promise<string> {
  await op.goto(`${source}/proofs`);
  if ((await op.getByRole("rowheader").count()) === 0) {
    await op.goto(`${source}/proofs/new`);
    await press(op, "Prove isolation");
  }
  return firstRow(op, `${source}/proofs`);
}

/** Looks up, or makes, what the addresses need. */
export async function places(
  as: (person: Person) => Promise<Page>,
  elsewhere: () => Promise<Page>,
  mailbox: Mailbox,
  org: Organization,
): Promise<Places> {
  const [tenant, op, visitor] = [await as(acmeAdmin), await as(operator), await elsewhere()];
  const slug = unique("leaving");
  const invited = `admin@${slug}.example`;
  const leaving = await createOrganization(op, `Leaving ${slug}`, slug, invited);
  const other = unique("waiting");
  const newcomer = `admin@${other}.example`;
  await createOrganization(op, `Waiting ${other}`, other, newcomer);
  await op.goto(`${leaving}/deprovision`);
  await op.getByLabel("Reason").fill("To look at");
  await op.getByLabel(/^Type /).fill(`Leaving ${slug}`);
  await press(op, `Deprovision Leaving ${slug}`);
  await visitor.goto(`/forgot/${org.slug}`);
  await visitor.getByLabel("E-mail address").fill(org.admin.email);
  await press(visitor, "Send the link");
  const source = await anySource(op);
  const user = await firstRow(tenant, "/t/acme/users?status=active&role=user");
  return {
    slug: org.slug,
    user,
    conflict: await anyConflict(tenant),
    workspace: await anyWorkspace(tenant, user),
    archived: await anyArchived(tenant, user),
    invited: await firstRow(tenant, "/t/acme/users?status=invited"),
    role: await anyRole(tenant),
    event: await firstRow(tenant, "/t/acme/audit?action=user.role_changed"),
    denial: await firstRow(tenant, "/t/acme/audit?action=access.denied"),
    decision: await firstRow(tenant, "/t/acme/decisions"),
    opEvent: await firstRow(op, "/op/audit?action=org.suspended"),
    org: org.path,
    suspended: await firstRow(op, "/op/orgs?q=initech"),
    leaving,
    reset: await mailbox.link(org.admin.email, /Choose a new password/),
    mail: await firstRow(visitor, "/dev/mail"),
    invitation: await mailbox.link(newcomer, /invited you/),
    alert: await raisedAlert(op, tenant),
    proof: await anyProof(op),
    source,
    sourceProof: await anyProofOf(op, source),
    plan: await anyPlan(op),
  };
}
