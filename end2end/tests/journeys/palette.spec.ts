import { ready } from "../support/keyboard";
import { acmeAdmin, operator } from "../support/people";
import { expect, test } from "../support/test";

test.describe("the command palette", { tag: "@js" }, () => {
  test("leads an operator to an organization and to a page, by keyboard alone", async ({ as }) => {
    const page = await as(operator);
    await page.goto("/op");
    await ready(page);
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Search" });
    await expect(palette.getByRole("combobox")).toBeFocused();
    await page.keyboard.type("acme");
    await expect(palette.getByRole("option").first()).toContainText("acme, active");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/op\/orgs\/[0-9a-f-]{36}$/);
    await ready(page);

    await page.keyboard.press("Control+k");
    await page.keyboard.type("isol");
    await expect(palette.getByRole("option", { selected: true })).toContainText("Isolation");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL("/op/isolation");
  });

  test("finds users of one's own organization only", async ({ as }) => {
    const page = await as(acmeAdmin);
    await page.goto("/t/acme/settings");
    await page.getByRole("button", { name: /^Search/ }).click();
    const palette = page.getByRole("dialog", { name: "Search" });
    await page.keyboard.type("manager");
    await expect(palette.getByRole("option").filter({ hasText: "manager@acme.example" })).toBeVisible();
    await palette.getByRole("combobox").fill("globex");
    await expect(palette.getByRole("option")).toHaveCount(1);
    await expect(palette.getByRole("option")).toContainText("All users for");
    await page.keyboard.press("Escape");
    await expect(palette).toBeHidden();
  });

  test("moves with the arrow keys and goes on to the list", async ({ as }) => {
    const page = await as(acmeAdmin);
    await page.goto("/t/acme");
    await page.getByRole("button", { name: /^Search/ }).click();
    const palette = page.getByRole("dialog", { name: "Search" });
    const options = palette.getByRole("option");
    await expect(options.first()).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("ArrowDown");
    await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
    await page.keyboard.type("viewer@");
    // What the server finds comes before the way to the list.
    await expect(options.first()).toContainText("viewer@acme.example");
    await expect(options.last()).toContainText("All users for");
    await page.keyboard.press("ArrowUp");
    await expect(options.last()).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/\/t\/acme\/users\?q=viewer/);
    await expect(page.getByRole("rowheader").first()).toContainText("viewer@acme.example");
  });
});
