import { press } from "../support/forms";
import { globexAdmin, operator, operatorViewer } from "../support/people";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("somebody who keeps aiming at another organization raises an alert, and an operator settles it", async ({ as, elsewhere, org }) => {
  const globex = await as(globexAdmin);
  await globex.goto("/t/globex/users");
  const foreign = (await globex.getByRole("rowheader").getByRole("link").first().getAttribute("href"))!.split("/").at(-1)!;

  await test.step("an admin names the other one's user in three ways", async () => {
    const page = await elsewhere();
    await signIn(page, org.admin);
    for (const path of [`/t/${org.slug}/users/${foreign}`, "/t/globex/users", `/t/${org.slug}/audit?actor=${foreign}`]) {
      await page.goto(path);
    }
  });

  const page = await as(operator);
  const alert = page.getByRole("rowheader").filter({ hasText: org.admin.email }).getByRole("link");
  await test.step("operators see the alert and every attempt", async () => {
    await expect(async () => {
      await page.goto("/op/attempts");
      await expect(alert.first()).toBeVisible({ timeout: 1000 });
    }).toPass();
    await alert.first().click();
    const main = page.locator("main");
    for (const word of ["Open", "Id in the path", "Organization in the address", "Id in a filter", "of globex", org.slug]) {
      await expect(main.getByText(word).first()).toBeVisible();
    }
  });

  await test.step("a viewer of the platform looks and cannot act", async () => {
    const viewer = await as(operatorViewer);
    await viewer.goto(page.url());
    await expect(viewer.getByRole("heading", { level: 1 })).toContainText(org.admin.email);
    await expect(viewer.getByRole("button", { name: "Close alert" })).toHaveCount(0);
  });

  await test.step("acknowledged, refused without a word, closed with one", async () => {
    await page.getByLabel("Note").fill("Asking them");
    await press(page, "Acknowledge");
    await expect(page.getByText("Acknowledged", { exact: true }).first()).toBeVisible();
    await page.getByLabel("Note").fill("");
    await press(page, "Close alert");
    await expect(page.getByRole("alert")).toContainText("Say in a sentence what was found.");
    await page.getByLabel("Note").fill("A bookmark from a demo.");
    await press(page, "Close alert");
    await expect(page.getByText("Closed", { exact: true }).first()).toBeVisible();
    await expect(page.locator("main")).toContainText("A bookmark from a demo.");
    await expect(page.getByRole("button", { name: "Close alert" })).toHaveCount(0);
  });
});
