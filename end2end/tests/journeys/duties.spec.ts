import { flash, press } from "../support/forms";
import { newUser } from "../support/organization";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("two duties are kept apart: giving both asks why, and refusing refuses", async ({ page, org, elsewhere, mailbox }) => {
  await signIn(page, org.admin);
  const theirs = await elsewhere();
  await newUser(page, theirs, mailbox, org, "Ben Baker");
  const makeRole = async (name: string, permission: string, effect = "allow") => {
    const made = await page.request.post("/api/v1/roles", {
      headers: { Origin: new URL(page.url()).origin },
      data: { name, reason: "For a test", grants: [{ permission, effect }] },
    });
    expect(made.status()).toBe(201);
  };
  await makeRole("Log reader", "audit:read");
  await makeRole("Settings reader", "settings:read");
  const conflicts = page.getByRole("table", { name: "Conflicting duties, by name" });

  await test.step("the first conflict is named from the empty list", async () => {
    await page.goto(`/t/${org.slug}/roles`);
    await page.getByRole("link", { name: "Conflicting duties" }).click();
    await expect(page.getByRole("heading", { name: "No conflicting duties yet" })).toBeVisible();
    await page.getByRole("link", { name: "New conflict" }).click();
    expect((await press(page, "Create conflict")).status()).toBe(422);
    await expect(page.getByText("Choose one of the permissions there are.").last()).toBeVisible();
    await page.getByLabel("Name", { exact: true }).fill("Two eyes");
    await page.getByLabel("One permission").selectOption("audit:read");
    await page.getByLabel("The other permission").selectOption("settings:read");
    await page.getByLabel(/^Why /).fill("Whoever sees one is not to see the other.");
    await press(page, "Create conflict");
    await expect(flash(page)).toHaveText(/Two eyes created/);
    await expect(page.getByText(/Nobody holds both/)).toBeVisible();
  });
  const conflict = page.url();

  await page.goto(`/t/${org.slug}/users`);
  await page.getByRole("link", { name: "Ben Baker" }).click();
  const user = page.url();
  await test.step("one of the two is given without a question, the other one with", async () => {
    await page.getByLabel("Role to give").selectOption({ label: "Log reader" });
    await press(page, "Give role");
    await expect(flash(page)).toHaveText(/Log reader given/);
    await page.getByLabel("Role to give").selectOption({ label: "Settings reader" });
    expect((await press(page, "Give role")).status()).toBe(200);
    await expect(page.getByText(/would newly hold both audit:read and settings:read/)).toBeVisible();
    await expect(page.getByText(/Whoever sees one is not to see the other/)).toBeVisible();
    expect((await press(page, "Give role")).status()).toBe(422);
    await page.getByLabel(/^Why one person/).fill("While Bo is away");
    await press(page, "Give role");
    await expect(flash(page)).toHaveText(/Settings reader given to Ben Baker/);
    await expect(page.getByText(/Ben Baker holds both audit:read and settings:read/)).toBeVisible();
  });

  await test.step("who holds both is counted, named and found", async () => {
    await page.goto(`/t/${org.slug}/roles/conflicts`);
    await conflicts.getByRole("link", { name: /^1 person who hold/ }).click();
    await expect(page.getByRole("table", { name: "People who hold both" })).toContainText("@");
  });

  await test.step("what a role denied is given back with a reason as well", async () => {
    await makeRole("Hush", "settings:read", "deny");
    await page.goto(user);
    await page.getByLabel("Role to give").selectOption({ label: "Hush" });
    await press(page, "Give role");
    await expect(flash(page)).toHaveText(/Hush given/);
    await page.getByRole("button", { name: "Take away Hush" }).click();
    await expect(page.getByText(/would newly hold both audit:read and settings:read/)).toBeVisible();
    await page.getByLabel(/^Why one person/).fill("Bo is still away");
    await press(page, "Take role");
    await expect(flash(page)).toHaveText(/Hush taken/);
  });

  await test.step("a conflict that refuses leaves them to whoever holds them, and gives them to nobody", async () => {
    await page.goto(`${conflict}/edit`);
    await page.getByLabel("Refuses").check();
    await press(page, "Save changes");
    await page.goto(user);
    await page.getByRole("button", { name: "Take away Settings reader" }).click();
    await expect(flash(page)).toHaveText(/Settings reader taken/);
    await page.getByLabel("Role to give").selectOption({ label: "Settings reader" });
    expect((await press(page, "Give role")).status()).toBe(422);
    await expect(page.getByText(/That is refused\./).last()).toBeVisible();
  });

  await test.step("a role that allows both says so before it is saved", async () => {
    await page.goto(`/t/${org.slug}/roles/new`);
    await page.getByLabel("Name", { exact: true }).fill("Both");
    await page.getByLabel("Read the audit log", { exact: true }).selectOption("Allow");
    await page.getByLabel("See settings", { exact: true }).selectOption("Allow");
    expect((await press(page, "Review changes")).status()).toBe(200);
    await expect(page.getByText(/Both alone would allow both audit:read and settings:read/)).toBeVisible();
    await expect(page.getByRole("button", { name: "Save role" })).toHaveCount(0);
  });

  await test.step("it is deleted, and nobody is asked any more", async () => {
    await page.goto(conflict);
    await page.getByRole("link", { name: "Delete", exact: true }).click();
    await press(page, "Delete Two eyes");
    await expect(flash(page)).toHaveText(/Conflict deleted/);
    await page.goto(user);
    await page.getByLabel("Role to give").selectOption({ label: "Settings reader" });
    await press(page, "Give role");
    await expect(flash(page)).toHaveText(/Settings reader given/);
  });
});
