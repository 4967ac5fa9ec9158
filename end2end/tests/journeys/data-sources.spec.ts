import { ownAddress, registerOwnDatabase } from "../support/data-source";
import { press } from "../support/forms";
import { operator, unique } from "../support/people";
import { expect, test } from "../support/test";

test("an operator registers a database, checks the guessed profile, looks at it and forgets it", async ({ as }) => {
  const page = await as(operator);
  const name = unique("shop");
  const main = page.locator("main");

  await test.step("what cannot be reached is said, and the address is not written back", async () => {
    await page.goto("/op/sources/new");
    await page.getByLabel("Name").fill(name);
    await page.locator("[name=address]").fill("postgres://me:hunter2@127.0.0.1:1/x");
    await press(page, "Register");
    await expect(page.getByRole("alert")).toContainText("does not answer");
    expect(await page.content()).not.toContain("hunter2");
    await expect(page.getByLabel("Name")).toHaveValue(name);
  });

  await registerOwnDatabase(page, name);
  await expect(page.getByRole("status").first()).toContainText("guess");
  await expect(page.getByLabel("Profile")).toHaveValue(/tenant_columns = \["org_id"\]/);
  expect(await page.content()).not.toContain(new URL(ownAddress()).password);

  await test.step("a profile that says too little is refused by line, and kept", async () => {
    await page.getByLabel("Profile").fill("tenant_columns = 7");
    await press(page, "Save changes");
    await expect(page.getByRole("alert")).toContainText("line 1");
    await expect(page.getByLabel("Profile")).toHaveValue("tenant_columns = 7");
  });
  await page.getByLabel("Profile").fill(`tenant_columns = ["org_id"]
[context]
org_setting = "app.org_id"
org_functions = ["app.org_id"]
operator_setting = "app.operator_id"
operator_functions = ["app.operator_id"]
[organizations]
table = "public.orgs"
column = "id"
[[roles]]
name = "bulkhead_app"
scope = "tenant"`);
  await press(page, "Save changes");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
  const users = page.getByRole("row").filter({ has: page.locator("a[href$='/public.users']") });
  await expect(users).toContainText("Isolated");
  await users.getByRole("link").click();
  await expect(main).toContainText("CREATE POLICY");

  await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name }).click();
  await page.getByRole("link", { name: "Settings", exact: true }).click();
  await page.getByRole("link", { name: "Remove this data source" }).click();
  await press(page, `Remove ${name}`);
  await expect(main.getByRole("link", { name })).toHaveCount(0);
});
