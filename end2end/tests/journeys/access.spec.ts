import { flash, press } from "../support/forms";
import { newUser } from "../support/organization";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("a role is given for a time, seen in the answers, and taken away", async ({ page, org, elsewhere, mailbox }) => {
  await signIn(page, org.admin);
  const theirs = await elsewhere();
  await newUser(page, theirs, mailbox, org, "Ben Baker");
  const made = await page.request.post("/api/v1/roles", {
    headers: { Origin: new URL(page.url()).origin },
    data: {
      name: "Log reader",
      grants: [{ permission: "audit:read", effect: "allow" }, { permission: "users:read", effect: "deny" }],
    },
  });
  expect(made.status()).toBe(201);
  await page.goto(`/t/${org.slug}/users`);
  await page.getByRole("link", { name: "Ben Baker" }).click();
  const user = page.url();

  await test.step("an end that is over is refused, and nothing typed is lost", async () => {
    await page.getByLabel("Role to give").selectOption({ label: "Log reader" });
    await page.getByLabel("Until, in UTC").fill("2020-01-01T10:00");
    expect((await press(page, "Give role")).status()).toBe(422);
    await expect(page.getByRole("alert")).toContainText("over already");
    await expect(page.getByLabel("Role to give").locator("option:checked")).toHaveText("Log reader");
    await expect(page.getByLabel("Until, in UTC")).toHaveValue("2020-01-01T10:00");
  });

  await test.step("given with an end, it counts with their next request", async () => {
    expect((await theirs.goto(`/t/${org.slug}/audit`))?.status()).toBe(403);
    await page.getByLabel("Until, in UTC").fill("2999-01-01T10:00");
    await press(page, "Give role");
    await expect(flash(page)).toHaveText(/Log reader given to Ben Baker, until 2999-01-01 10:00:00 UTC/);
    expect((await theirs.goto(`/t/${org.slug}/audit`))?.status()).toBe(200);
    expect((await theirs.goto(`/t/${org.slug}/users`))?.status()).toBe(403);
  });

  await test.step("the answer says by which way, and until when", async () => {
    await page.getByRole("link", { name: "What can Ben Baker do?" }).click();
    const row = (permission: string) => page.getByRole("row").filter({ hasText: permission });
    await expect(row("audit:read")).toContainText("Allowed");
    await expect(row("audit:read")).toContainText("Ben Baker → Log reader (given until 2999-01-01 10:00:00 UTC)");
    await expect(row("users:read")).toContainText("Not allowed");
    await expect(row("users:read")).toContainText("Take away Log reader");
    await expect(row("settings:update")).toContainText("The role Admin allows it.");
    await page.getByLabel("At, in UTC").fill("2999-01-01T10:00");
    await page.getByLabel("Show").selectOption({ label: "What is not allowed" });
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(row("audit:read")).toContainText("has expired");
    await expect(row("users:read")).toHaveCount(0);
  });

  await test.step("they stand among those who can, and among those who are denied", async () => {
    await page.goto(`/t/${org.slug}/roles/who`);
    await page.getByLabel("Who can …").selectOption("audit:read");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Who can read the audit log?");
    await expect(page.getByRole("table", { name: "By a role of the organization's own" })).toContainText("@");
    await page.getByLabel("Who can …").selectOption("users:read");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page.getByRole("table", { name: "Not, in spite of their built-in role" })).toContainText("@");
  });

  await test.step("taken away, it counts no more", async () => {
    await page.goto(user);
    await press(page, "Take away Log reader");
    await expect(flash(page)).toHaveText("Log reader taken from Ben Baker.");
    await expect(page.getByRole("button", { name: /^Take away/ })).toHaveCount(0);
    expect((await theirs.goto(`/t/${org.slug}/audit`))?.status()).toBe(403);
  });
});
