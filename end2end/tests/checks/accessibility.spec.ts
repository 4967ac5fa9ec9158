import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { notPages, pages, places, routesInTheSource, type Viewer } from "../support/every-page";
import { press } from "../support/forms";
import { ready } from "../support/keyboard";
import { acmeAdmin, operator } from "../support/people";
import { expect, test } from "../support/test";

// Long, and each by itself: both workers share them.
test.describe.configure({ mode: "parallel" });

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * What axe has against a page, short enough to read in a failure. Every rule is asked; what is spared is the report about
 * the thousands of elements that pass, and the second page in which axe puts the reports of frames together: we have none.
 */
async function violations(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).withTags(RULES).setLegacyMode();
  expect(page.frames(), "a page without frames, which this way of asking does not look into").toHaveLength(1);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} (${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ""})`));
}

const theme = (page: Page, name: string, baseURL: string) =>
  page.context().addCookies([{ name: "theme", value: name, url: baseURL }]);

test("the list of pages is complete", () => {
  expect([...pages.map(([route]) => route), ...notPages].sort()).toEqual(routesInTheSource());
});

for (const name of ["light", "dark"] as const) {
  test(`no page has a barrier, ${name}`, async ({ as, elsewhere, mailbox, org, baseURL }) => {
    test.setTimeout(1_500_000);
    const at = await places(as, elsewhere, mailbox, org);
    const viewers: Record<Viewer, Page> = { visitor: await elsewhere(), tenant: await as(acmeAdmin), operator: await as(operator) };
    for (const page of Object.values(viewers)) await theme(page, name, baseURL!);
    for (const [route, viewer, ...addresses] of pages) {
      for (const address of addresses) {
        const page = viewers[viewer];
        await test.step(`${route} ${address(at)}`, async () => {
          await page.goto(address(at));
          await expect.soft(page.locator("html"), `theme of ${route}`).toHaveAttribute("data-theme", name);
          expect.soft(await violations(page), `${route} (${address(at)})`).toEqual([]);
        });
      }
    }
  });

  test(`no state of a page has a barrier, ${name}`, async ({ as, elsewhere, baseURL }) => {
    test.setTimeout(1_500_000);
    const tenant = await as(acmeAdmin);
    const visitor = await elsewhere();
    for (const page of [tenant, visitor]) await theme(page, name, baseURL!);
    const clean = async (page: Page, what: string) => expect.soft(await violations(page), what).toEqual([]);

    await visitor.goto("/login/acme");
    await visitor.getByLabel("E-mail address").fill("nobody@acme.example");
    await visitor.getByLabel("Password", { exact: true }).fill("wrong wrong wrong");
    await press(visitor, "Sign in");
    await clean(visitor, "a refused sign-in");
    await visitor.goto("/nowhere");
    await clean(visitor, "nothing here");

    await tenant.goto("/t/acme/users/invite");
    await tenant.getByLabel("E-mail addresses").fill("not an address");
    await press(tenant, "Send invitations");
    await clean(tenant, "a refused invitation");
    await tenant.goto("/t/acme/users?role=admin");
    await tenant.locator("summary").filter({ hasText: "Status" }).click();
    await clean(tenant, "an open filter");
    await tenant.goto("/t/acme");
    await ready(tenant);
    await tenant.locator(".user-menu > summary").click();
    await clean(tenant, "an open user menu");
    await tenant.keyboard.press("Escape");
    await tenant.keyboard.press("?");
    await clean(tenant, "the help of shortcuts");
    await tenant.keyboard.press("Escape");
    await tenant.keyboard.press("Control+k");
    await tenant.keyboard.type("a");
    await expect(tenant.getByRole("option").first()).toBeVisible();
    await clean(tenant, "the command palette");
  });
}

test("every page has one heading, a title and a main region", async ({ as, elsewhere, mailbox, org }) => {
  test.setTimeout(1_500_000);
  const at = await places(as, elsewhere, mailbox, org);
  const viewers: Record<Viewer, Page> = { visitor: await elsewhere(), tenant: await as(acmeAdmin), operator: await as(operator) };
  const titles = new Set<string>();
  for (const [route, viewer, ...addresses] of pages.filter(([route]) => route !== "/gallery")) {
    const page = viewers[viewer];
    await page.goto(addresses[0]!(at));
    await expect.soft(page.getByRole("heading", { level: 1 }), `h1 of ${route}`).toHaveCount(1);
    await expect.soft(page.getByRole("main"), `main of ${route}`).toHaveCount(1);
    await expect.soft(page, `title of ${route}`).toHaveTitle(/\S+ · Bulkhead$/);
    titles.add(`${route} ${await page.title()}`);
    await expect.soft(page.locator("html")).toHaveAttribute("lang", "en");
  }
  expect(titles.size).toBe(pages.length - 1);
});
