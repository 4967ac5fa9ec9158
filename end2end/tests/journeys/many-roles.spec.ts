import type { Page } from "@playwright/test";
import { flash, press } from "../support/forms";
import { newUser, type Organization } from "../support/organization";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

/** Makes a role that allows one thing; its page. */
async function makeRole(page: Page, org: Organization, name: string, permission: string): Promise<string> {
  const made = await page.request.post("/api/v1/roles", {
    headers: { Origin: new URL(page.url()).origin },
    data: { name, reason: "For a test", grants: [{ permission, effect: "allow" }] },
  });
  expect(made.status()).toBe(201);
  return `/t/${org.slug}/roles/${made.headers()["location"]!.split("/").at(-1)}`;
}

const results = (page: Page) => page.getByRole("table", { name: "Result for each person" });

test("an admin gives a role to several people and takes it from everybody who matches", async ({ page, org, elsewhere, mailbox }) => {
  await signIn(page, org.admin);
  const theirs = await elsewhere();
  const ben = await newUser(page, theirs, mailbox, org, "Ben Baker", "Viewer");
  await newUser(page, await elsewhere(), mailbox, org, "Cleo Cole", "Viewer");
  const role = await makeRole(page, org, "Auditor", "audit:read");
  const log = async () => (await theirs.goto(`/t/${org.slug}/audit`))?.status();
  expect(await log()).toBe(403);

  await test.step("rows are chosen in the list, and more people by their addresses", async () => {
    await page.goto(`/t/${org.slug}/users`);
    const bar = page.getByRole("group", { name: "Actions on the chosen users" });
    await expect(bar).toBeHidden();
    await page.getByRole("checkbox", { name: "Select Ben Baker" }).check();
    await expect(bar).toBeVisible();
    expect((await press(page, "Give a role")).status()).toBe(200);
    await expect(page.getByRole("heading", { name: "Give a role to several people" })).toBeVisible();
    await expect(page.getByRole("listitem").filter({ hasText: "Ben Baker" })).toBeVisible();
    expect((await press(page, "Look at what would happen")).status()).toBe(422);
    await expect(page.getByText("Choose a role.").last()).toBeVisible();
    await page.getByLabel("More people, by their e-mail addresses").fill("nobody@globex.example\nno address");
    await page.getByLabel("Role to give").selectOption({ label: "Auditor" });
    expect((await press(page, "Look at what would happen")).status()).toBe(200);
  });

  await test.step("what would happen is said before it does", async () => {
    await expect(page.getByText("Nothing is done yet. 1 would get it, 2 would be skipped.")).toBeVisible();
    await expect(results(page).getByRole("row").filter({ hasText: "nobody@globex" })).toContainText("Nobody here has this address.");
    await expect(results(page).getByRole("row").filter({ hasText: "Ben Baker" })).toContainText("Gets it");
    await expect(page.getByRole("table", { name: "Permissions that people gain or lose" })).toContainText("audit:read");
    expect(await log()).toBe(403);
    await press(page, "Back to choosing");
    await expect(page.getByLabel("More people, by their e-mail addresses")).toHaveValue("nobody@globex.example\nno address");
    await press(page, "Look at what would happen");
    await page.getByLabel("Reason").fill("Yearly audit");
    await press(page, "Give role to 1 person");
    await expect(page.getByText("1 given, 2 skipped.")).toBeVisible();
    expect(await log()).toBe(200);
  });

  await test.step("addresses are pasted on the role's page", async () => {
    await page.goto(role);
    await page.getByRole("link", { name: "Give to several people" }).click();
    await expect(page.getByLabel("Role to give")).toHaveValue(role.split("/").at(-1)!);
    await page.getByLabel("E-mail addresses").fill(`${ben.email}\n${org.admin.email}`);
    await press(page, "Look at what would happen");
    await expect(results(page).getByRole("row").filter({ hasText: "Ben Baker" })).toContainText("Holds it already");
    await expect(page.getByText("You are one of them")).toBeVisible();
    await press(page, "Give role to 1 person");
    await expect(page).toHaveURL(role);
    await expect(flash(page)).toHaveText(/Auditor given to 1 person\./);
    await expect(page.getByRole("table", { name: "Members of this role" }).getByRole("row")).toHaveCount(3);
  });

  await test.step("it is taken from everybody whom a filter shows", async () => {
    await page.goto(`/t/${org.slug}/users?role=viewer`);
    await page.getByRole("link", { name: "Select all 2 matching" }).click();
    await expect(page.getByRole("checkbox", { name: /^Select/ })).toHaveCount(0);
    await press(page, "Take a role away");
    await page.getByLabel("Role to take away").selectOption({ label: "Auditor" });
    await press(page, "Look at what would happen");
    await expect(page.getByText("1 would lose it, 1 without it already.")).toBeVisible();
    await press(page, "Take role from 1 person");
    await expect(flash(page)).toHaveText(/Auditor taken from 1 person\./);
    expect(await log()).toBe(403);
  });
});

test("what is dangerous takes a reason, also for many", async ({ page, org, elsewhere, mailbox }) => {
  await signIn(page, org.admin);
  const ben = await newUser(page, await elsewhere(), mailbox, org, "Ben Baker");
  const role = await makeRole(page, org, "Keeper", "settings:update");
  await page.goto(role);
  await page.getByRole("link", { name: "Give to several people" }).click();
  await page.getByLabel("E-mail addresses").fill(ben.email);
  await press(page, "Look at what would happen");
  await expect(page.getByText("That takes a reason: say below why.")).toBeVisible();
  expect((await press(page, "Give role to 1 person")).status()).toBe(422);
  await expect(page.getByText(/Say why: they could newly/).last()).toBeVisible();
  await page.getByLabel("Reason").fill("Keeps them while Ada is away");
  await press(page, "Give role to 1 person");
  await expect(flash(page)).toHaveText(/Keeper given to 1 person\./);
});
