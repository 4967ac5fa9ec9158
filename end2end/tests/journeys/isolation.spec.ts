import { press } from "../support/forms";
import { operator } from "../support/people";
import { expect, test } from "../support/test";

test("an operator reads what keeps organizations apart, table by table", async ({ as }) => {
  const page = await as(operator);
  await page.goto("/op");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Isolation" }).click();
  const tables = page.getByRole("table", { name: "Tables and what is enforced on them" });
  const rows = tables.getByRole("row").filter({ has: page.getByRole("rowheader") });
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

test("the X-ray says why a row is seen by its own organization and not by another one", async ({ as, org }) => {
  const page = await as(operator);
  const user = await test.step("a user of the test's own organization", async () => {
    await page.goto(`/op/audit?org=${org.slug}&action=user.joined`);
    await page.getByRole("rowheader").getByRole("link").first().click();
    return (await page.locator("main").innerText()).match(/[0-9a-f]{8}-[0-9a-f-]{27}/g)!;
  });
  await page.goto("/op/isolation/public.users");
  await page.getByRole("link", { name: "X-ray a row" }).click();
  const id = org.path.split("/").at(-1)!;
  const row = page.getByRole("group", { name: "The row, for SELECT, UPDATE and DELETE" });
  await row.getByLabel("org_id").fill(id);
  await row.locator("[name='key.id']").fill(user.find((found) => found !== id)!);
  await page.getByLabel("Organization in the context").selectOption("");
  await press(page, "X-ray the row");
  const main = page.locator("main");
  await expect(main.getByText(/^Not visible|^No row/).first()).toBeVisible();
  await expect(main).toContainText("That is what the ladder says.");
  await expect(main).toContainText("users_tenant");

  await test.step("nothing is shown of a person without a reason", async () => {
    await page.getByLabel("Show the values of all columns").check();
    await press(page, "X-ray the row");
    await expect(page.getByRole("alert")).toContainText("why the values must be seen");
  });
});

test("isolation is proven by attack, and the signed proof can be taken away", async ({ as }, info) => {
  // A run copies the schema and sends a thousand attacks; which browser asks for it makes no difference to it.
  test.skip(info.project.name !== "chromium", "once is enough");
  test.setTimeout(300_000);
  const page = await as(operator);
  await page.goto("/op/proofs");
  await press(page, "Prove isolation");
  await expect(async () => {
    await page.goto("/op/proofs");
    await expect(page.getByRole("row").nth(1)).not.toContainText("Running", { timeout: 1000 });
  }).toPass({ timeout: 240_000, intervals: [2000] });
  await page.getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "The matrix" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Leaks" })).toHaveCount(0);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download signed proof" }).click();
  expect((await download).suggestedFilename()).toMatch(/^bulkhead-proof-.*\.json$/);
});
