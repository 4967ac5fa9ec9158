import type { Page } from "@playwright/test";
import { createManyOrganizations, createOrganization } from "../support/organization";
import { operator, operatorViewer, unique } from "../support/people";
import { expect, test } from "../support/test";

/** The names in the first column, in the order of the page. */
const names = (page: Page) => page.getByRole("rowheader").getByRole("link").allInnerTexts();

test("an operator searches, filters, sorts and pages organizations", async ({ as }) => {
  const page = await as(operator);
  // Enough to page, whatever the demo has.
  const batch = unique("batch");
  for (const letter of ["a", "b", "c"]) {
    await createOrganization(page, `${batch} ${letter}`, `${batch}-${letter}`, `${letter}@${batch}.example`);
  }

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Organizations" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Organizations");
  await page.getByRole("searchbox").fill(batch);
  await page.getByRole("searchbox").press("Enter");
  await expect(page.getByRole("status").filter({ hasText: "organizations" })).toContainText("3 of ");
  expect(await names(page)).toEqual([`${batch} a`, `${batch} b`, `${batch} c`]);

  await page.getByRole("columnheader", { name: "Name" }).getByRole("link").click();
  await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending");
  expect(await names(page)).toEqual([`${batch} c`, `${batch} b`, `${batch} a`]);

  await page.getByRole("columnheader", { name: "Created" }).getByRole("link").click();
  expect(await names(page)).toEqual([`${batch} c`, `${batch} b`, `${batch} a`]);

  await page.locator("summary").filter({ hasText: "Status" }).click();
  await page.getByRole("checkbox", { name: "Suspended" }).check();
  await page.getByRole("group").getByRole("button", { name: "Apply" }).first().click();
  await expect(page.getByRole("heading", { name: "No organizations match" })).toBeVisible();
  await page.getByRole("list", { name: "Filters that are on" }).getByRole("link", { name: /Suspended/ }).click();
  expect(await names(page)).toHaveLength(3);

  await page.getByRole("link", { name: "Clear all" }).click();
  await expect(page.getByRole("searchbox")).toHaveValue("");
});

test("pages follow each other without a gap or a repetition", async ({ as }) => {
  const page = await as(operator);
  await createManyOrganizations(page, 27);
  await page.goto("/op/orgs?sort=created&limit=25");
  const first = await names(page);
  expect(first).toHaveLength(25);
  await page.getByRole("link", { name: "Next" }).click();
  const second = await names(page);
  expect(second.length).toBeGreaterThan(0);
  expect(second.filter((name) => first.includes(name))).toEqual([]);
  await page.getByRole("link", { name: "Previous" }).click();
  expect(await names(page)).toEqual(first);
});

test("an operator creates an organization and sees its provisioning", async ({ as, mailbox }) => {
  const page = await as(operator);
  const slug = unique("new");
  await page.goto("/op/orgs");
  await page.getByRole("link", { name: "Create organization" }).click();

  await test.step("what does not fit is said beside the field, and what was typed stays", async () => {
    await page.getByLabel("Name", { exact: true }).fill("Nordwind Logistik");
    await page.getByLabel("Short name").fill("Not A Slug");
    await page.getByLabel(/First admin/).fill(`first@${slug}.example`);
    const refused = page.waitForResponse((response) => response.request().method() === "POST");
    await page.getByRole("button", { name: "Create organization" }).click();
    expect((await refused).status()).toBe(422);
    await expect(page.getByRole("alert")).toContainText("One thing to correct");
    await expect(page.getByLabel("Short name")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Nordwind Logistik");
  });

  await page.getByLabel("Short name").fill(slug);
  await page.getByRole("button", { name: "Create organization" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Nordwind Logistik");
  await expect(page.getByText("Active", { exact: true })).toBeVisible();

  const steps = page.getByRole("list", { name: "Provisioning" }).getByRole("listitem");
  expect(await steps.count()).toBeGreaterThan(2);
  for (const step of await steps.all()) await expect(step).toContainText("Done");
  await mailbox.link(`first@${slug}.example`, /invited you to Nordwind Logistik/);

  await test.step("a short name is taken once", async () => {
    await page.goto("/op/orgs/new");
    await page.getByLabel("Name", { exact: true }).fill("Another");
    await page.getByLabel("Short name").fill(slug);
    await page.getByLabel(/First admin/).fill(`second@${slug}.example`);
    await page.getByRole("button", { name: "Create organization" }).click();
    await expect(page.getByRole("alert")).toContainText(/taken|exists|in use/i);
  });
});

test("an organization has tabs for its users, settings and activity", async ({ as }) => {
  const page = await as(operator);
  await page.goto("/op/orgs?q=acme");
  await page.getByRole("rowheader").getByRole("link").first().click();
  const tabs = page.getByRole("navigation", { name: "Organization" });
  await expect(tabs.getByRole("link", { name: "Overview" })).toHaveAttribute("aria-current", "page");

  await tabs.getByRole("link", { name: "Users" }).click();
  await page.getByRole("searchbox").fill("admin@acme.example");
  await page.getByRole("searchbox").press("Enter");
  await expect(page.getByRole("rowheader").filter({ hasText: "admin@acme.example" })).toBeVisible();
  await expect(tabs.getByRole("link", { name: "Users" })).toHaveAttribute("aria-current", "page");

  await tabs.getByRole("link", { name: "Settings" }).click();
  await expect(page.getByRole("row").filter({ hasText: "session.idle_minutes" })).toContainText(/Platform|Plan|Organization/);

  await tabs.getByRole("link", { name: "Activity" }).click();
  await page.locator(".timeline a").first().click();
  await expect(page).toHaveURL(/\/op\/audit\//);
});

test("two operators edit the same organization: the slower one sees both values", async ({ as }) => {
  const slug = unique("edit");
  const first = await as(operator);
  const path = await createOrganization(first, "Before", slug, `admin@${slug}.example`);
  const second = await first.context().newPage();
  await first.goto(`${path}/edit`);
  await second.goto(`${path}/edit`);

  await first.getByLabel("Name", { exact: true }).fill("Faster");
  await first.getByRole("button", { name: "Save changes" }).click();
  await expect(first.getByRole("status").filter({ hasText: "Faster saved." })).toBeVisible();

  await second.getByLabel("Name", { exact: true }).fill("Slower");
  const answer = second.waitForResponse((response) => response.request().method() === "POST");
  await second.getByRole("button", { name: "Save changes" }).click();
  expect((await answer).status()).toBe(409);
  await expect(second.getByText(/name Faster/)).toBeVisible();
  await expect(second.getByLabel("Name", { exact: true })).toHaveValue("Slower");

  await second.getByRole("button", { name: "Save changes" }).click();
  await expect(second.getByRole("heading", { level: 1 })).toHaveText("Slower");
});

test("an operator who only reads is offered nothing and refused the rest", async ({ as }) => {
  const page = await as(operatorViewer);
  await page.goto("/op/orgs");
  await expect(page.getByRole("link", { name: "Create organization" })).toHaveCount(0);
  const answer = await page.goto("/op/orgs/new");
  expect(answer?.status()).toBe(403);
  await expect(page.getByText("platform.orgs:manage")).toBeVisible();
});
