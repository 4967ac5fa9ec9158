import { operator } from "../support/people";
import { expectRefused, expectSignedOut, signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("an organization is suspended, reactivated, deprovisioned and restored", async ({ org, as, elsewhere }) => {
  const page = await as(operator);
  const tenant = await elsewhere();
  await signIn(tenant, org.admin);

  await test.step("suspending says in numbers what it will do, and sessions die at once", async () => {
    await page.goto(org.path);
    await page.getByRole("link", { name: "Suspend", exact: true }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "sessions end" })).toContainText("2");
    await expect(page.getByRole("listitem").filter({ hasText: "user can no longer sign in" })).toContainText("1");
    await expect(page.getByRole("link", { name: "Cancel" })).toBeFocused();
    await page.getByLabel("Reason").fill("Unpaid since August");
    await page.getByRole("button", { name: `Suspend ${org.name}` }).click();
    await expect(page.getByRole("status").filter({ hasText: "2 sessions have ended" })).toBeVisible();
    await expect(page.getByText("Reason: Unpaid since August")).toBeVisible();

    await expectSignedOut(tenant, `/t/${org.slug}/users`);
    await expectRefused(tenant, org.admin);
  });

  await test.step("reactivating lets people sign in anew", async () => {
    await page.getByRole("link", { name: "Reactivate" }).click();
    await page.getByRole("button", { name: `Reactivate ${org.name}` }).click();
    await expect(page.getByRole("status").filter({ hasText: "reactivated" })).toBeVisible();
    await expectSignedOut(tenant, `/t/${org.slug}/users`);
    await signIn(tenant, org.admin);
  });

  await test.step("deprovisioning asks for the name and a reason", async () => {
    await page.getByRole("link", { name: "Deprovision" }).click();
    await page.getByLabel("Reason").fill("Contract ended");
    await page.getByLabel(/^Type /).fill(`${org.name} no`);
    const refused = page.waitForResponse((response) => response.request().method() === "POST");
    await page.getByRole("button", { name: `Deprovision ${org.name}` }).click();
    expect((await refused).status()).toBe(422);
    await expect(page.getByLabel("Reason")).toHaveValue("Contract ended");
    await expect(page.getByLabel(/^Type /)).toHaveValue(`${org.name} no`);

    await page.getByLabel(/^Type /).fill(org.name);
    await page.getByRole("button", { name: `Deprovision ${org.name}` }).click();
    await expect(page.getByRole("status").filter({ hasText: "It can be restored until" })).toBeVisible();
    await expect(page.getByText("Pending deletion", { exact: true })).toBeVisible();
    await expectSignedOut(tenant, `/t/${org.slug}`);
  });

  await test.step("within 30 days everything can be had back, suspended first", async () => {
    await page.getByRole("link", { name: "Restore" }).click();
    await page.getByRole("button", { name: `Restore ${org.name}` }).click();
    await expect(page.getByText("Suspended", { exact: true }).first()).toBeVisible();
    await page.getByRole("link", { name: "Reactivate" }).click();
    await page.getByRole("button", { name: `Reactivate ${org.name}` }).click();
    await signIn(tenant, org.admin);
  });

  await test.step("every step is in the activity", async () => {
    await page.goto(`${org.path}?tab=activity`);
    for (const word of ["suspended", "reactivated", "deletion", "restored"]) {
      await expect(page.locator(".timeline-item").filter({ hasText: new RegExp(word, "i") }).first()).toBeVisible();
    }
  });
});
