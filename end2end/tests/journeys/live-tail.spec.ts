import type { Page } from "@playwright/test";
import { press } from "../support/forms";
import { operator } from "../support/people";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

const renameSelf = async (page: Page, name: string) => {
  await page.goto("/account");
  await page.getByLabel("Your name").fill(name);
  await press(page, "Save name");
};

test.describe("the live tail of the audit log", { tag: "@js" }, () => {
  test("shows what others do, and holds still under the pointer", async ({ page, org, elsewhere }) => {
    await signIn(page, org.admin);
    const other = await elsewhere();
    await signIn(other, org.admin);
    await page.goto(`/t/${org.slug}/audit`);
    const live = page.getByRole("button", { name: "Live" });
    await expect(live).toHaveAttribute("aria-pressed", "false");
    await live.click();
    await expect(page.getByText("New events appear on top")).toBeVisible();
    const rows = page.locator("#audit-list tbody tr");
    const before = await rows.count();

    await renameSelf(other, "Ada Live");
    await expect(rows).toHaveCount(before + 1);
    await expect(rows.first()).toContainText("user.updated");
    await expect(rows.first()).toContainText(org.admin.email);

    await test.step("under the pointer nothing moves; a button says how many wait", async () => {
      await rows.first().hover();
      await renameSelf(other, "Ada Paused");
      const pill = page.getByRole("button", { name: "1 new" });
      await expect(pill).toBeVisible();
      await expect(rows).toHaveCount(before + 1);
      await pill.click();
      await expect(rows).toHaveCount(before + 2);
      await expect(pill).toBeHidden();
    });

    await test.step("a new row opens like the others", async () => {
      await rows.first().getByRole("link").click();
      await expect(page.locator("ins").first()).toHaveText("Ada Paused");
    });
  });

  test("keeps to its filters, and ends with the session", async ({ page, org, elsewhere, as }) => {
    await signIn(page, org.admin);
    const other = await elsewhere();
    await signIn(other, org.admin);
    await page.goto(`/t/${org.slug}/audit?action=settings.changed`);
    await page.getByRole("button", { name: "Live" }).click();
    await expect(page.getByText("New events appear on top")).toBeVisible();
    await renameSelf(other, "Ada Unseen");
    await other.goto(`/t/${org.slug}/settings`);
    await other.getByRole("textbox", { name: "Support address" }).fill("help@works.example");
    await press(other, "Save: Support address");
    const rows = page.locator("#audit-list tbody tr");
    await expect(rows).toHaveCount(1);
    await expect(rows.first()).toContainText("settings.changed");

    const op = await as(operator);
    await op.goto(`${org.path}/suspend`);
    await op.getByLabel("Reason").fill("End of the test");
    await press(op, `Suspend ${org.name}`);
    await expect(page.locator(".live-state")).toContainText(/ended|over|Reload/i, { timeout: 60_000 });
  });
});
