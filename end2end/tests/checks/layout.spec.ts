import type { Page } from "@playwright/test";
import { pages, places, type Viewer } from "../support/every-page";
import { acmeAdmin, operator } from "../support/people";
import { expect, test } from "../support/test";

test("no page scrolls sideways at 320 px (WCAG 1.4.10)", async ({ as, elsewhere, mailbox, org }) => {
  test.setTimeout(900_000);
  const at = await places(as, elsewhere, mailbox, org);
  const viewers: Record<Viewer, Page> = { visitor: await elsewhere(), tenant: await as(acmeAdmin), operator: await as(operator) };
  for (const page of Object.values(viewers)) await page.setViewportSize({ width: 320, height: 640 });
  for (const [route, viewer, ...addresses] of pages) {
    for (const address of addresses) {
      const page = viewers[viewer];
      await page.goto(address(at));
      const wide = await page.evaluate(() => {
        const width = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= width) return [];
        const out = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > width + 1);
        return out.map((element) => `${element.tagName.toLowerCase()}.${element.className}`).slice(0, 5);
      });
      expect.soft(wide, `${route} (${address(at)})`).toEqual([]);
    }
  }
});

test("the navigation folds into a menu that works", async ({ as }) => {
  const page = await as(acmeAdmin);
  await page.goto("/t/acme");
  const nav = page.getByRole("navigation", { name: "Main" });
  await expect(nav.getByRole("link", { name: "Users" })).toBeHidden();
  await nav.locator("summary").click();
  await nav.getByRole("link", { name: "Users" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Users");
});

test("tables become cards that still say what is what", async ({ as }) => {
  const page = await as(acmeAdmin);
  await page.goto("/t/acme/users?q=admin@acme");
  const status = page.getByRole("cell", { name: "Active" });
  await expect(status).toBeVisible();
  expect(await status.evaluate((cell) => getComputedStyle(cell, "::before").content)).toContain("Status");
  await page.getByRole("rowheader").getByRole("link").first().click();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
});
