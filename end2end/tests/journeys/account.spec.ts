import { flash, press } from "../support/forms";
import { goodPassword, otherPassword } from "../support/people";
import { expectRefused, expectSignedOut, openUserMenu, signIn, signOut } from "../support/sign-in";
import { expect, test } from "../support/test";

test("someone changes their name", async ({ page, org }) => {
  await signIn(page, org.admin);
  await openUserMenu(page);
  await page.getByRole("link", { name: "Your account" }).click();
  await expect(page).toHaveURL("/account");
  await page.getByLabel("Your name").fill("Ada Countess");
  await press(page, "Save name");
  await expect(flash(page)).toHaveText("Name saved.");
  await expect(page.locator(".user-menu > summary")).toContainText("Ada Countess");
});

test("changing the password ends every other session", async ({ page, org, elsewhere }) => {
  await signIn(page, org.admin);
  const other = await elsewhere();
  await signIn(other, org.admin);

  await page.goto("/account/password");
  await test.step("the current one is asked for", async () => {
    await page.getByLabel("Current password").fill("not-it-at-all-really");
    await page.getByLabel("New password", { exact: true }).fill(otherPassword);
    await page.getByLabel("New password, again").fill(otherPassword);
    expect((await press(page, "Change password")).status()).toBe(422);
    await expect(page.getByRole("alert")).toContainText("This is not your current password.");
  });

  await page.getByLabel("Current password").fill(goodPassword);
  await page.getByLabel("New password", { exact: true }).fill(otherPassword);
  await page.getByLabel("New password, again").fill(otherPassword);
  await press(page, "Change password");
  // The one of joining, and the other browser's.
  await expect(flash(page)).toContainText("Password changed. 2 other sessions have ended.");
  await expectSignedOut(other, "/account");
  await expectRefused(other, org.admin, /match/);
  await signIn(other, { ...org.admin, password: otherPassword });
});

test("sessions are listed and ended, one and all others", async ({ page, org, elsewhere }) => {
  await signIn(page, org.admin);
  const second = await elsewhere();
  await signIn(second, org.admin);

  await page.goto("/account/sessions");
  const rows = page.getByRole("row").filter({ has: page.getByRole("rowheader") });
  // The one of joining is the third.
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText("This session");
  await expect(rows.first()).toContainText("127.0.0.1");
  await expect(rows.first()).toContainText(/Chrom/);
  await expect(rows.first()).toContainText(/password/i);

  // The newest of the others is the second browser's.
  const ended = page.waitForResponse((response) => response.request().method() === "POST");
  await rows.nth(1).getByRole("button").click();
  expect((await ended).status()).toBe(303);
  await expect(flash(page)).toContainText("Session ended.");
  await expect(rows).toHaveCount(2);
  await expectSignedOut(second, "/account");

  await signIn(second, org.admin);
  await page.reload();
  await press(page, "End other sessions");
  await expect(flash(page)).toHaveText("2 other sessions ended.");
  await expect(rows).toHaveCount(1);
  await expectSignedOut(second, "/account");

  await test.step("ending this one signs out", async () => {
    await rows.first().getByRole("button").click();
    await expect(page).toHaveURL("/login");
    await expectSignedOut(page, "/account");
  });
});

test("a forgotten password is reset by mail", async ({ page, org, elsewhere, mailbox }) => {
  const open = await elsewhere();
  await signIn(open, org.admin);

  await page.goto(`/login/${org.slug}`);
  await page.getByRole("link", { name: "Forgot password?" }).click();
  await page.getByLabel("E-mail address").fill(org.admin.email);
  await press(page, "Send the link");
  const said = await page.locator("main").innerText();
  const link = await mailbox.link(org.admin.email, /Choose a new password/);

  await test.step("an unknown address is told the same, and gets nothing", async () => {
    const nobody = `nobody@${org.slug}.example`;
    await page.goto(`/forgot/${org.slug}`);
    await page.getByLabel("E-mail address").fill(nobody);
    await press(page, "Send the link");
    expect(await page.locator("main").innerText()).toBe(said);
    expect(await mailbox.count(nobody)).toBe(0);
  });

  await page.goto(link);
  await page.getByLabel("New password", { exact: true }).fill(otherPassword);
  await page.getByLabel("New password, again").fill(otherPassword);
  await press(page, "Save password");
  await expect(page).toHaveURL(`/login/${org.slug}`);
  await expect(flash(page)).toContainText("Password changed");
  await expectSignedOut(open, `/t/${org.slug}`);
  await signIn(page, { ...org.admin, password: otherPassword });
  await mailbox.open(org.admin.email, /was changed/);

  await signOut(page);
  expect((await page.goto(link))?.status()).toBe(404);
});

test("someone who forgot the organization is told by mail", async ({ page, org, mailbox }) => {
  await page.goto("/login");
  await page.getByRole("link", { name: "Which organizations am I in?" }).click();
  await page.getByLabel("E-mail address").fill(org.admin.email);
  await press(page, "Send the list");
  const mail = await mailbox.open(org.admin.email, /Where you can sign in/);
  await expect(mail.locator("main")).toContainText(`/login/${org.slug}`);
});

test("signing in leads to where one was going, and signing out ends it", async ({ page, org }) => {
  await page.goto(`/t/${org.slug}/settings`);
  await expect(page).toHaveURL(/\/login.*next=/);
  if (!/\/login\//.test(page.url())) {
    await page.getByLabel("Organization").fill(org.slug);
    await page.getByRole("button", { name: "Continue" }).click();
  }
  await page.getByLabel("E-mail address").fill(org.admin.email);
  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await press(page, "Sign in");
  await expect(page).toHaveURL(`/t/${org.slug}/settings`);
  await signOut(page);
  await expect(flash(page)).toHaveText("You are signed out.");
  await page.goBack();
  await page.reload();
  await expect(page).toHaveURL(/\/login/);
});

test("theme and density are kept", async ({ page, org }) => {
  await signIn(page, org.admin);
  for (const theme of ["Dark", "Light"]) {
    await openUserMenu(page);
    await page.getByRole("group", { name: "Theme" }).getByRole("button", { name: theme }).click();
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme.toLowerCase());
  }
  await openUserMenu(page);
  await page.getByRole("group", { name: "Density" }).getByRole("button", { name: "Compact" }).click();
  await page.goto("/account");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
  await expect(page.locator("html")).toHaveAttribute("data-density", "compact");
});
