import { filterBy, flash, press, resultLine, rowTitles } from "../support/forms";
import { newUser } from "../support/organization";
import { acmeAdmin } from "../support/people";
import { expectRefused, expectSignedOut, signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("an admin searches, filters, sorts and pages users", async ({ as }) => {
  const page = await as(acmeAdmin);
  await page.goto("/t/acme/users");
  const all = await resultLine(page).innerText();

  await page.getByRole("searchbox").fill("manager@acme");
  await page.getByRole("searchbox").press("Enter");
  await expect(resultLine(page)).toContainText("1 of ");
  await expect(page.getByRole("rowheader")).toContainText("manager@acme.example");
  await page.getByRole("link", { name: "Clear all" }).click();
  await expect(resultLine(page)).toHaveText(all);

  await filterBy(page, "Role", ["Admin", "Viewer"]);
  await expect(page).toHaveURL(/role=admin/);
  for (const row of await page.getByRole("row").filter({ has: page.getByRole("rowheader") }).all()) {
    await expect(row).toContainText(/Admin|Viewer/);
  }
  await page.getByRole("list", { name: "Filters that are on" }).getByRole("link", { name: /Admin/ }).click();
  await expect(page).not.toHaveURL(/role=admin/);

  await page.goto("/t/acme/users?limit=25");
  const first = await rowTitles(page);
  expect(first).toHaveLength(25);
  await page.getByRole("link", { name: "Next" }).click();
  const second = await rowTitles(page);
  expect(second.filter((name) => first.includes(name))).toEqual([]);
  await page.getByRole("link", { name: "Previous" }).click();
  expect(await rowTitles(page)).toEqual(first);

  await page.getByRole("columnheader", { name: "Name" }).getByRole("link").click();
  await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute("aria-sort", "descending");
  expect(await rowTitles(page)).not.toEqual(first);
});

test("an admin changes a role, suspends, reactivates and removes a user", async ({ page, org, elsewhere, mailbox }) => {
  await signIn(page, org.admin);
  const theirs = await elsewhere();
  const ben = await newUser(page, theirs, mailbox, org, "Ben Baker");
  await page.goto(`/t/${org.slug}/users`);
  await page.getByRole("link", { name: "Ben Baker" }).click();

  await test.step("the new role counts with the next request", async () => {
    expect((await theirs.goto(`/t/${org.slug}/users/invite`))?.status()).toBe(403);
    await page.getByLabel("Role", { exact: true }).selectOption({ label: "Manager" });
    await press(page, "Save changes");
    await expect(flash(page)).toHaveText(/Ben Baker saved/);
    expect((await theirs.goto(`/t/${org.slug}/users/invite`))?.status()).toBe(200);
  });

  await test.step("suspending ends their session and keeps them out", async () => {
    await page.getByRole("link", { name: "Suspend" }).click();
    await expect(page.getByText("Every session ends with its next request.")).toBeVisible();
    await press(page, "Suspend Ben Baker");
    await expect(flash(page)).toContainText("Ben Baker suspended");
    await expectSignedOut(theirs, `/t/${org.slug}`);
    await expectRefused(theirs, ben);
  });

  await test.step("reactivating lets them in again", async () => {
    await press(page, "Reactivate");
    await expect(flash(page)).toContainText("Ben Baker reactivated");
    await signIn(theirs, ben);
  });

  await test.step("removing takes them off the list, and the log keeps what happened", async () => {
    await page.getByRole("link", { name: "Remove" }).click();
    await press(page, "Remove Ben Baker");
    await expect(flash(page)).toContainText("Ben Baker removed");
    await expect(page.getByRole("link", { name: "Ben Baker" })).toHaveCount(0);
    await expectSignedOut(theirs, `/t/${org.slug}`);
    await page.goto(`/t/${org.slug}/audit`);
    for (const action of ["changed a role", "suspended a user", "reactivated a user", "removed a user"]) {
      await expect(page.getByRole("rowheader").filter({ hasText: action })).toHaveCount(1);
    }
  });
});

test("the last admin stays an admin", async ({ page, org }) => {
  await signIn(page, org.admin);
  await page.goto(`/t/${org.slug}/users`);
  await page.getByRole("link", { name: "Ada Admin" }).click();
  const self = page.url();

  await page.getByLabel("Role", { exact: true }).selectOption({ label: "User" });
  expect((await press(page, "Save changes")).status()).toBe(409);
  await expect(page.getByRole("heading", { name: "The last admin stays" })).toBeVisible();

  for (const action of ["suspend", "remove"]) {
    await page.goto(`${self}/${action}`);
    expect((await press(page, / Ada Admin$/)).status()).toBe(409);
    await expect(page.getByRole("heading", { name: "The last admin stays" })).toBeVisible();
  }
});

test("two admins edit the same user: the slower one sees both values", async ({ page, org }) => {
  await signIn(page, org.admin);
  await page.goto(`/t/${org.slug}/users`);
  await page.getByRole("link", { name: "Ada Admin" }).click();
  const second = await page.context().newPage();
  await second.goto(page.url());
  await page.getByRole("textbox", { name: /^Name/ }).fill("Ada Faster");
  await press(page, "Save changes");
  await second.getByRole("textbox", { name: /^Name/ }).fill("Ada Slower");
  expect((await press(second, "Save changes")).status()).toBe(409);
  await expect(second.getByText(/name Ada Faster/)).toBeVisible();
  await expect(second.getByRole("textbox", { name: /^Name/ })).toHaveValue("Ada Slower");
});
