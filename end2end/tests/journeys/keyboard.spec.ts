import { flash, press } from "../support/forms";
import { ready, tabTo } from "../support/keyboard";
import { newUser } from "../support/organization";
import { acmeAdmin, goodPassword } from "../support/people";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("someone without a mouse signs in, finds a user and suspends them", async ({ page, org, elsewhere, mailbox }) => {
  const admin = await elsewhere();
  await signIn(admin, org.admin);
  await newUser(admin, await elsewhere(), mailbox, org, "Kim Keys");

  await page.goto(`/login/${org.slug}`);
  await tabTo(page, page.getByLabel("E-mail address"));
  await page.keyboard.type(org.admin.email);
  await tabTo(page, page.getByLabel("Password", { exact: true }));
  await page.keyboard.type(goodPassword);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/t/${org.slug}`);

  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await tabTo(page, page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Users" }));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(`/t/${org.slug}/users`);
  await tabTo(page, page.getByRole("link", { name: "Kim Keys" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("link", { name: "Suspend" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("link", { name: "Cancel" })).toBeFocused();
  await tabTo(page, page.getByRole("button", { name: "Suspend Kim Keys" }));
  await page.keyboard.press("Enter");
  await expect(flash(page)).toContainText("Kim Keys suspended");
});

test.describe("shortcuts", { tag: "@js" }, () => {
  test("go to pages, search, move through rows and open one", async ({ as }) => {
    const page = await as(acmeAdmin);
    await page.goto("/t/acme");
    await ready(page);
    await page.keyboard.press("g");
    await page.keyboard.press("u");
    await expect(page).toHaveURL("/t/acme/users");
    await ready(page);
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox")).toBeFocused();
    await page.keyboard.type("gj");
    await expect(page.getByRole("searchbox")).toHaveValue("gj");
    await page.getByRole("searchbox").blur();
    const links = page.getByRole("rowheader").getByRole("link");
    await page.keyboard.press("j");
    await expect(links.first()).toBeFocused();
    await page.keyboard.press("j");
    await expect(links.nth(1)).toBeFocused();
    await page.keyboard.press("k");
    const href = await links.first().getAttribute("href");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(href!);
    await ready(page);
    await page.keyboard.press("?");
    await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  });

  test("can be turned off", async ({ page, org }) => {
    await signIn(page, org.admin);
    await page.goto("/account");
    await page.getByRole("radio", { name: /^Off/ }).check();
    await press(page, "Save shortcuts");
    await expect(flash(page)).toHaveText("Single-letter shortcuts are off.");
    await ready(page);
    await page.keyboard.press("?");
    await page.keyboard.press("g");
    await page.keyboard.press("u");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(page).toHaveURL("/account");
  });

  test("a menu closes with Escape and gives the focus back", async ({ as }) => {
    const page = await as(acmeAdmin);
    await page.goto("/t/acme/users");
    const summary = page.locator("summary").filter({ hasText: "Status" });
    await summary.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("checkbox", { name: "Suspended" })).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("checkbox", { name: "Suspended" })).toBeHidden();
    await expect(summary).toBeFocused();
  });
});

test("a typed password can be looked at", { tag: "@js" }, async ({ page }) => {
  await page.goto("/login/acme");
  const field = page.getByLabel("Password", { exact: true });
  await field.fill("seen by nobody");
  await page.getByRole("button", { name: "Show password" }).click();
  await expect(field).toHaveAttribute("type", "text");
  await expect(page.getByRole("button", { name: "Show password" })).toHaveAttribute("aria-pressed", "true");
});

test("an id is copied", { tag: "@js" }, async ({ as }) => {
  const page = await as(acmeAdmin);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/t/acme/users");
  await page.getByRole("rowheader").getByRole("link").first().click();
  await page.getByRole("button", { name: "Copy user id" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Copied" })).toBeAttached();
  expect(page.url()).toContain(await page.evaluate(() => navigator.clipboard.readText()));
});
