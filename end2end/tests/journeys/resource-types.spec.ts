import { flash, press } from "../support/forms";
import { acmeAdmin, operator, unique } from "../support/people";
import { expect, test } from "../support/test";

test("an operator registers what the product has, and an organization's role allows it", async ({ as }) => {
  const name = unique("invoices").toLowerCase().replace(/[^a-z0-9]/g, "");
  const page = await as(operator);
  const main = page.locator("main");

  await test.step("a type is registered, with a row more asked for in between", async () => {
    await page.goto("/op/resource-types");
    await page.getByRole("link", { name: "Register a type" }).click();
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Label").fill(name);
    await page.locator("[name='action.0']").fill("read");
    await page.locator("[name='sentence.0']").fill(`read ${name}`);
    await press(page, "Add another action");
    await page.locator("[name='action.1']").fill("delete");
    await page.locator("[name='sentence.1']").fill(`delete ${name}`);
    await page.getByLabel("Whoever newly allows a new action says why").check();
    await page.locator("[name='attribute.0']").fill("amount");
    await page.locator("[name='kind.0']").selectOption("number");
    await press(page, "Register");
    await expect(flash(page)).toContainText(`${name} are registered.`);
    await expect(main.getByRole("row").filter({ hasText: name })).toBeVisible();
  });

  await test.step("what is wrong stands beside its field, and nothing typed is lost", async () => {
    await page.goto(`/op/resource-types/${name}`);
    await page.locator("[name='action.0']").fill("Read All");
    await press(page, "Save changes");
    await expect(page.getByRole("alert").first()).toContainText("An action is 1 to 64 lower-case letters");
    await expect(page.locator("[name='action.0']")).toHaveValue("Read All");
  });

  const admin = await as(acmeAdmin);
  await test.step("a role of an organization allows it, with a reason", async () => {
    await admin.goto("/t/acme/roles/new");
    await admin.getByLabel("Name", { exact: true }).fill(`Clerk ${name}`);
    await admin.locator(`[name='grant.${name}:delete']`).selectOption("allow");
    await press(admin, "Review changes");
    await expect(admin.locator("main")).toContainText("The last 30 days again");
    await admin.getByLabel("Reason").fill("Month end");
    await press(admin, "Save role");
    await expect(flash(admin)).toContainText(`Clerk ${name} saved.`);
    await admin.goto(`/t/acme/roles/who?permission=${name}:delete`);
    await expect(admin.locator("main")).toContainText(`Clerk ${name}`);
  });

  await test.step("what a role names stays registered", async () => {
    await page.goto(`/op/resource-types/${name}`);
    await page.getByRole("link", { name: "Remove this type" }).click();
    await press(page, `Remove ${name}`);
    await expect(main).toContainText("is named by one role of one organization, so it stays.");
  });
});
