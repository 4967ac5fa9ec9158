import { operator } from "../support/people";
import { expect, test } from "../support/test";

test("an operator reads what keeps organizations apart, table by table", async ({ as }) => {
  const page = await as(operator);
  await page.goto("/op");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Isolation" }).click();
  const rows = page.getByRole("row").filter({ has: page.getByRole("rowheader") });
  for (const text of await rows.allInnerTexts()) expect(text).toMatch(/Isolated|Locked|Shared by design/);
  expect(await rows.count()).toBeGreaterThan(5);

  const users = rows.filter({ has: page.locator("a[href='/op/isolation/public.users']") });
  await expect(users).toContainText("Isolated");
  await expect(users).toContainText("Enabled and forced");
  await expect(users).toContainText("org_id");
  await expect(users).toContainText("bulkhead_owner");
  await expect(users).toContainText("bulkhead_app:");

  await users.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("users");
  const main = page.locator("main");
  for (const word of ["CREATE POLICY", "USING", "WITH CHECK", "org_id"]) await expect(main).toContainText(word);

  expect((await page.goto("/op/isolation/public.nothing"))?.status()).toBe(404);
});
