import type { Page } from "@playwright/test";
import { flash, press } from "../support/forms";
import type { Organization } from "../support/organization";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

const ownRoles = (page: Page) => page.getByRole("table", { name: "Roles of this organization, by name" });

/** Duplicates Viewer into "Auditor", who reads the audit log as well; ends on its page. */
async function makeAuditor(page: Page, org: Organization): Promise<void> {
  await page.goto(`/t/${org.slug}/roles`);
  await page.getByRole("link", { name: "Duplicate Viewer" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Copy of Viewer");
  await page.getByLabel("Name", { exact: true }).fill("Auditor");
  await page.getByLabel("Read the audit log", { exact: true }).selectOption("Allow");
  expect((await press(page, "Review changes")).status()).toBe(200);
  await expect(page.getByText("Nobody holds this role")).toBeVisible();
  await page.getByLabel("Reason").fill("For the yearly audit");
  await press(page, "Save role");
  await expect(flash(page)).toHaveText(/Auditor saved/);
}

test("an admin makes a role from a built-in one, changes it, restores it and deletes it", async ({ page, org }) => {
  await signIn(page, org.admin);
  await page.goto(`/t/${org.slug}/roles`);
  await expect(page.getByRole("heading", { name: "No role of your own yet" })).toBeVisible();
  await makeAuditor(page, org);
  const role = new URL(page.url()).pathname;

  await test.step("it stands in the list, and its page says what it allows", async () => {
    const audit = page.getByRole("row").filter({ has: page.getByText("audit:read", { exact: true }) });
    await expect(audit).toContainText("Allowed here");
    await page.goto(`/t/${org.slug}/roles`);
    await expect(ownRoles(page).getByRole("row").filter({ hasText: "Auditor" })).toContainText(/11 of \d+ allowed/);
  });

  await test.step("a condition narrows it, and the review says so", async () => {
    await page.goto(`${role}/edit`);
    const row = page.getByRole("row").filter({ has: page.getByText("audit:read", { exact: true }) });
    await row.locator("summary").click();
    await row.getByRole("checkbox", { name: "Mon" }).check();
    await row.getByLabel(/^From hour/).fill("08:00");
    await row.getByLabel(/^Until hour/).fill("17:30");
    await row.getByLabel(/^Time zone/).fill("Mars/Olympus");
    expect((await press(page, "Review changes")).status()).toBe(422);
    await expect(page.getByText("There is no such time zone.").last()).toBeVisible();
    await row.getByLabel(/^Time zone/).fill("Europe/Berlin");
    expect((await press(page, "Review changes")).status()).toBe(200);
    await expect(page.getByText("Monday from 08:00 to 17:30 in Europe/Berlin")).toBeVisible();
    await expect(page.getByText("− Less")).toHaveCount(1);
    await press(page, "Back to editing");
    await expect(page.getByLabel(/^Time zone/).and(page.locator("[value='Europe/Berlin']"))).toHaveCount(1);
    await press(page, "Review changes");
    await press(page, "Save role");
    await expect(page).toHaveURL(role);
    await expect(page.getByText("Conditional")).toHaveCount(1);
  });

  await test.step("the first version is compared and restored as a new one", async () => {
    await page.getByRole("link", { name: "Version 1", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Compared with the current version" })).toBeVisible();
    await page.getByRole("link", { name: "Restore this version" }).click();
    await press(page, "Review changes");
    await press(page, "Save role");
    await expect(page.getByRole("link", { name: "Version 3", exact: true })).toBeVisible();
    await expect(page.getByText("Conditional")).toHaveCount(0);
  });

  await test.step("it is deleted by its name, and the log keeps it", async () => {
    await page.getByRole("link", { name: "Delete", exact: true }).click();
    await page.getByLabel(/^Type /).fill("Auditer");
    expect((await press(page, "Delete Auditor")).status()).toBe(422);
    await page.getByLabel(/^Type /).fill("Auditor");
    await press(page, "Delete Auditor");
    await expect(flash(page)).toContainText("Auditor deleted");
    await expect(ownRoles(page)).toHaveCount(0);
    await page.goto(`/t/${org.slug}/audit`);
    for (const action of ["created a role", "deleted a role"]) {
      await expect(page.getByRole("rowheader").filter({ hasText: action })).toHaveCount(1);
    }
  });
});

test("what lets somebody change roles takes a reason, and a circle is printed", async ({ page, org }) => {
  await signIn(page, org.admin);
  await makeAuditor(page, org);
  const auditor = new URL(page.url()).pathname;

  await page.goto(`/t/${org.slug}/roles/new`);
  await page.getByLabel("Name", { exact: true }).fill("Keeper");
  await page.getByRole("checkbox", { name: /^Auditor/ }).check();
  await page.getByLabel("Create, change or delete roles", { exact: true }).selectOption("Allow");
  await press(page, "Review changes");
  expect((await press(page, "Save role")).status()).toBe(422);
  await expect(page.getByText(/Say why: whoever holds the role could newly/).last()).toBeVisible();
  await page.getByLabel("Reason").fill("Keeps them while Ada is away");
  await press(page, "Save role");
  await expect(flash(page)).toHaveText(/Keeper saved/);

  await page.goto(`${auditor}/edit`);
  await page.getByRole("checkbox", { name: /^Keeper/ }).check();
  expect((await press(page, "Review changes")).status()).toBe(422);
  await expect(page.getByText(/Auditor → Keeper → Auditor|Keeper → Auditor → Keeper/).last()).toBeVisible();
});

test("two admins change the same role: the slower one sees both", async ({ page, org }) => {
  await signIn(page, org.admin);
  await makeAuditor(page, org);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  const second = await page.context().newPage();
  await second.goto(page.url());
  await page.getByLabel("Name", { exact: true }).fill("Faster");
  await press(page, "Review changes");
  await press(page, "Save role");
  await second.getByLabel("Name", { exact: true }).fill("Slower");
  expect((await press(second, "Review changes")).status()).toBe(409);
  await expect(second.getByLabel("Name", { exact: true })).toHaveValue("Slower");
  await expect(second.getByRole("row").filter({ hasText: "Faster" })).toContainText("Slower");
});
