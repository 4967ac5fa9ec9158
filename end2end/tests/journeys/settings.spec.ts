import type { Page } from "@playwright/test";
import { flash, press } from "../support/forms";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

const setting = (page: Page, label: string | RegExp) => page.locator(".setting").filter({ has: page.getByLabel(label) });

test("a setting is overridden and inherited again, and says each time whose it is", async ({ page, org, elsewhere }) => {
  await signIn(page, org.admin);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Settings" }).click();
  const idle = setting(page, /^Sign out after inactivity/);
  await expect(idle).toContainText("Inherited from platform: 720 minutes");

  await test.step("a value that does not fit is refused beside its field", async () => {
    await idle.getByRole("textbox").fill("3 days");
    expect((await press(page, "Save: Sign out after inactivity")).status()).toBe(422);
    await expect(idle.getByRole("textbox")).toHaveAttribute("aria-invalid", "true");
    await expect(idle.getByRole("textbox")).toHaveValue("3 days");
  });

  await idle.getByRole("textbox").fill("30");
  await press(page, "Save: Sign out after inactivity");
  await expect(flash(page)).toContainText("30 minutes. Saved.");
  await expect(idle).toContainText("Set here. The platform has: 720 minutes");

  await press(page, "Use inherited value: Sign out after inactivity");
  await expect(flash(page)).toContainText("inherited again");
  await expect(idle).toContainText("Inherited from platform");

  await test.step("what the plan sets is shown with its source and cannot be changed here", async () => {
    const most = page.locator(".setting").filter({ has: page.getByRole("heading", { name: "Most users" }) });
    await expect(most).toContainText("Only a change of plan changes it");
    await expect(most.getByRole("button")).toHaveCount(0);
  });

  await test.step("a notice appears on the sign-in page, as text", async () => {
    await page.getByRole("textbox", { name: "Notice on the sign-in page" }).fill("<b>For staff only</b>");
    await press(page, "Save: Notice on the sign-in page");
    const visitor = await elsewhere();
    await visitor.goto(`/login/${org.slug}`);
    await expect(visitor.getByText("<b>For staff only</b>")).toBeVisible();
  });
});

test("the organization is renamed; the slower of two tabs sees both names", async ({ page, org }) => {
  await signIn(page, org.admin);
  await page.goto(`/t/${org.slug}/settings`);
  const second = await page.context().newPage();
  await second.goto(page.url());
  await page.getByRole("textbox", { name: "Organization name" }).fill("Renamed first");
  await press(page, "Save organization name");
  await expect(page.locator(".topbar-org")).toHaveText("Renamed first");

  await second.getByRole("textbox", { name: "Organization name" }).fill("Renamed second");
  expect((await press(second, "Save organization name")).status()).toBe(409);
  await expect(second.getByText(/It is now: Renamed first/)).toBeVisible();
  await expect(second.getByRole("textbox", { name: "Organization name" })).toHaveValue("Renamed second");
});
