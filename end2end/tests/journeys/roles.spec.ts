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

const rowOf = (page: Page, permission: string) => page.locator(`[id="role-row-${permission}"]`);
const field = (page: Page, name: string) => page.locator(`[name="${name}"]`);

test("a condition on what is asked about, with an alternative, is tried before it is reviewed", async ({ page, org }) => {
  await signIn(page, org.admin);
  await page.goto(`/t/${org.slug}/roles/new`);
  await page.getByLabel("Name", { exact: true }).fill("Tidier");
  await page.getByLabel("Delete backups", { exact: true }).selectOption("Allow");
  const row = rowOf(page, "backups:delete");
  await row.locator("summary").click();
  await field(page, "attribute0.backups:delete").selectOption("taken_at");
  await field(page, "is0.backups:delete").selectOption("below");
  await field(page, "value0.backups:delete").fill("last year");

  await test.step("what does not read is said beside it and stays", async () => {
    expect((await press(page, "Review changes")).status()).toBe(422);
    await expect(row.getByText("Write day and hour like")).toBeVisible();
    await expect(field(page, "value0.backups:delete")).toHaveValue("last year");
    await field(page, "value0.backups:delete").fill("2026-01-01T00:00");
  });

  await test.step("an alternative comes with everything kept, and does not stand empty", async () => {
    await press(page, "Add an alternative: Delete backups");
    await expect(field(page, "value0.backups:delete")).toHaveValue("2026-01-01T00:00");
    expect((await press(page, "Review changes")).status()).toBe(422);
    await expect(row.getByText("with nothing in it, it would always hold")).toBeVisible();
    await field(page, "id_prefix-1.backups:delete").fill("scratch-");
  });

  await test.step("it is tried, and says what is not known", async () => {
    await press(page, "Try this role");
    await expect(row).toContainText("Cannot be known, so it does not allow");
    await field(page, "try_id").fill("scratch-17");
    await press(page, "Try this role");
    await expect(row).toContainText("Tried: allowed");
    await expect(row).toContainText("Holds");
  });

  await press(page, "Review changes");
  await expect(page.getByText("its taken_at is below 2026-01-01 00:00 UTC, or when its id begins with “scratch-”")).toBeVisible();
  await page.getByLabel("Reason").fill("Old copies only");
  await press(page, "Save role");
  await expect(flash(page)).toHaveText(/Tidier saved/);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await row.locator("summary").click();
  await expect(field(page, "value0.backups:delete")).toHaveValue("2026-01-01T00:00");
  await press(page, "Remove alternative 1");
  await expect(row.locator("summary")).toContainText("When its id begins with “scratch-”");
});

test("a filter shows what was changed, and what it hides is saved all the same", async ({ page, org }) => {
  await signIn(page, org.admin);
  await makeAuditor(page, org);
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("See backups", { exact: true }).selectOption("Deny");
  await field(page, "show").selectOption("Changed");
  // With JavaScript the island follows, and takes the button away.
  if (test.info().project.name === "no-js") await press(page, "Show these permissions");
  await expect(rowOf(page, "backups:read")).toBeVisible();
  await expect(rowOf(page, "audit:read")).toBeHidden();
  await expect(page.locator("#role-counts")).toContainText("1 shown.");
  await press(page, "Review changes");
  await expect(page.getByRole("table").first()).not.toContainText("audit:read");
  await press(page, "Save role");
  const audit = page.getByRole("row").filter({ has: page.getByText("audit:read", { exact: true }) });
  await expect(audit).toContainText("Allowed here");
});

/** What each row of the matrix says: state, what is inherited, when, and what a trial says. */
const said = (root: Document): string[][] =>
  [...root.querySelectorAll("tr[id^='role-row-']")].map((row) => {
    const parts = ["state", "inherited", "echo", "verdict", "own"];
    const text = (part: string) => row.querySelector(`[data-live=${part}]`)?.textContent?.trim() ?? "";
    return [row.id, row.hasAttribute("hidden") ? "hidden" : "", ...parts.map(text)];
  });

test("the matrix follows the typing and agrees with the server @js", async ({ page, org }) => {
  await signIn(page, org.admin);
  await makeAuditor(page, org);
  const auditor = new URL(page.url()).pathname;
  await page.goto(`/t/${org.slug}/roles/new`);
  const counts = page.locator("#role-counts");
  const news = page.getByRole("status").filter({ hasText: "allowed here" });
  await expect(page.getByRole("button", { name: "Show these permissions" })).toBeHidden();

  await test.step("what is inherited, and from whom", async () => {
    await page.getByRole("checkbox", { name: /^Auditor/ }).check();
    await expect(rowOf(page, "audit:read")).toContainText("Allowed by Auditor");
    await expect(counts).toContainText(/0 allowed here, [1-9]\d* inherited/);
    await expect(news).toContainText("0 allowed here");
    await page.getByLabel("Read the audit log", { exact: true }).selectOption("Deny");
    await expect(rowOf(page, "audit:read").locator("[data-live=state]")).toHaveText("Denied");
    await expect(news).toContainText("1 denied");
  });

  const suspend = rowOf(page, "users:suspend");
  await test.step("a condition, word by word", async () => {
    await field(page, "grant.users:suspend").selectOption("allow");
    await suspend.locator("summary").click();
    await suspend.getByRole("checkbox", { name: "Sun" }).check();
    await suspend.getByLabel(/^From hour/).fill("01:30");
    await suspend.getByLabel(/^Until hour/).fill("03:00");
    await suspend.getByLabel(/^Time zone/).fill("Europe/Berlinn");
    await expect(suspend.locator("[data-live=echo]")).toHaveText("Checked on review");
    await suspend.getByLabel(/^Time zone/).fill("Europe/Berlin");
    await expect(suspend.locator("[data-live=echo]")).toHaveText("When Sunday from 01:30 to 03:00 in Europe/Berlin");
    await page.getByLabel("Delete backups", { exact: true }).selectOption("Allow");
    const backups = rowOf(page, "backups:delete");
    await backups.locator("summary").click();
    await field(page, "attribute0.backups:delete").selectOption("environment");
    await expect(backups.locator("[data-live=state]")).toHaveText("To be corrected");
    await field(page, "value0.backups:delete").fill("staging");
    await expect(backups.locator("[data-live=echo]")).toHaveText("When its environment is “staging”");
  });

  await test.step("a trial, in the nights in which clocks in Berlin are changed as well", async () => {
    await field(page, "try_address").fill("192.0.2.7");
    await page.getByText("Attributes of backups").click();
    await field(page, "try.backups:environment").fill("staging");
    await expect(rowOf(page, "backups:delete")).toContainText("Tried: allowed");
    for (const [at, says] of [
      ["2026-03-29T00:29", "Does not hold"],
      ["2026-03-29T00:30", "Holds"],
      ["2026-03-29T01:00", "Does not hold"],
      ["2026-10-25T00:30", "Holds"],
      ["2026-10-25T01:59", "Holds"],
      ["2026-10-25T02:00", "Does not hold"],
    ] as const) {
      await field(page, "try_at").fill(at);
      await expect(suspend.locator("[data-live=own]"), at).toHaveText(says);
      const live = await page.evaluate(said, await page.evaluateHandle(() => document));
      const answer = await press(page, "Try this role");
      const drawn = await page.evaluateHandle((html) => new DOMParser().parseFromString(html, "text/html"), await answer.text());
      expect(live, at).toEqual(await page.evaluate(said, drawn));
    }
  });

  await test.step("what is not inherited any more goes at once", async () => {
    const inherited = rowOf(page, "users:read").locator("[data-live=inherited]");
    await page.getByRole("checkbox", { name: /^Auditor/ }).uncheck();
    await expect(inherited).toHaveText("Nothing");
    await page.getByRole("checkbox", { name: /^Auditor/ }).check();
    await expect(inherited).toHaveText("Allowed by Auditor");
  });

  await page.getByLabel("Name", { exact: true }).fill("Live");
  await press(page, "Review changes");
  await expect(page.getByText("when Sunday from 01:30 to 03:00 in Europe/Berlin")).toBeVisible();
  await page.getByLabel("Reason").fill("Of staging only");
  await press(page, "Save role");
  await expect(flash(page)).toHaveText(/Live saved/);

  await test.step("a circle is said before the server is asked", async () => {
    await page.goto(`${auditor}/edit`);
    await page.getByRole("checkbox", { name: /^Live/ }).check();
    await expect(page.locator("#role-trouble")).toContainText("in a circle");
    await expect(news).toContainText("in a circle");
    await expect(rowOf(page, "users:read").locator("[data-live=inherited]")).toHaveText("Not known");
  });
});
