import { expect, type Page } from "@playwright/test";
import type { Mailbox } from "./mailbox";
import { goodPassword, unique, type Person } from "./people";

/** An organization made for one test. */
export interface Organization {
  slug: string;
  name: string;
  /** Its page in the operators' console. */
  path: string;
  admin: Person;
}

/** Creates an organization as an operator; its first admin gets an invitation. */
export async function createOrganization(page: Page, name: string, slug: string, adminEmail: string): Promise<string> {
  await page.goto("/op/orgs/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Short name").fill(slug);
  await page.getByLabel(/First admin/).fill(adminEmail);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page).toHaveURL(/\/op\/orgs\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

/** Sees to it that there are at least `count` organizations, without drawing a page for each. */
export async function createManyOrganizations(page: Page, count: number): Promise<void> {
  await page.goto("/op/orgs");
  const line = await page.getByRole("status").filter({ hasText: "organizations" }).innerText();
  const there = Number.parseInt(line.replaceAll(",", ""), 10);
  await page.goto("/op/orgs/new");
  const csrf = await page.locator("main input[name=csrf]").first().inputValue();
  const plan = await page.getByLabel("Plan").inputValue();
  for (let made = there; made < count; made += 1) {
    const slug = unique("many");
    const form = { csrf, name: `Many ${slug}`, slug, plan, admin_email: `admin@${slug}.example` };
    const headers = { origin: new URL(page.url()).origin };
    const answer = await page.request.post("/op/orgs/new", { form, headers, maxRedirects: 0 });
    expect(answer.status()).toBe(303);
  }
}

/** Accepts the invitation that was mailed to `email`; ends signed in. */
export async function join(page: Page, mailbox: Mailbox, email: string, name: string, password = goodPassword): Promise<void> {
  await page.goto(await mailbox.link(email, /invit|join/i));
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password, again").fill(password);
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page).toHaveURL(/\/t\//);
}

/** Creates an organization whose admin has joined; `visitor` ends signed in as that admin. */
export async function newOrganization(operator: Page, visitor: Page, mailbox: Mailbox): Promise<Organization> {
  const slug = unique("e2e");
  const admin: Person = { org: slug, email: `ada@${slug}.example`, password: goodPassword };
  const name = `Works ${slug}`;
  const path = await createOrganization(operator, name, slug, admin.email);
  await join(visitor, mailbox, admin.email, "Ada Admin", admin.password);
  return { slug, name, path, admin };
}

/** Invites someone and lets them join; `admin` must be signed in to the organization, `visitor` to nothing. */
export async function newUser(
  admin: Page,
  visitor: Page,
  mailbox: Mailbox,
  org: Organization,
  name: string,
  role: "Admin" | "Manager" | "User" | "Viewer" = "User",
): Promise<Person> {
  const email = `${unique(name.split(" ")[0]!.toLowerCase())}@${org.slug}.example`;
  await admin.goto(`/t/${org.slug}/users/invite`);
  await admin.getByLabel("E-mail addresses").fill(email);
  await admin.getByRole("radio", { name: new RegExp(`^${role}`) }).check();
  await admin.getByRole("button", { name: "Send invitations" }).click();
  await expect(admin.getByText("1 invitation sent.")).toBeVisible();
  await join(visitor, mailbox, email, name);
  return { org: org.slug, email, password: goodPassword };
}
