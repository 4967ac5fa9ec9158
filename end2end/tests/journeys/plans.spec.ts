import { press } from "../support/forms";
import { operator } from "../support/people";
import { expect, test } from "../support/test";

test("an operator asks how PostgreSQL runs the statements, and reads one plan", async ({ as }) => {
  const page = await as(operator);
  await page.goto("/op/plans");
  await press(page, "Ask for plans now");
  await expect(page.getByRole("status").first()).toContainText("looked at");
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader") }).filter({ hasText: "FROM query_plans" }).first();
  await expect(row).toContainText("used");
  await row.getByRole("link").click();
  const main = page.locator("main");
  await expect(page.getByRole("heading", { name: "How each table is reached" })).toBeVisible();
  await expect(main).toContainText("which begins with org_id");
  await expect(main).toContainText("bulkhead_operator");
  await expect(page.getByRole("button", { name: "Accept this plan" })).toHaveCount(0);
});
