import { expect, type Locator, type Page } from "@playwright/test";

/** Waits until the scripts of the page listen to keys: a person is slower than that, a test is not. */
export async function ready(page: Page): Promise<void> {
  await page.waitForLoadState();
  await expect(page.getByRole("button", { name: /^Search/ })).toBeVisible();
}

/** Presses Tab until `target` has the focus, as someone without a mouse gets there. */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      return expectFocusIsVisible(target);
    }
    await page.keyboard.press("Tab");
  }
  await expect(target, "reached by Tab").toBeFocused();
}

/** What has the focus is on the screen, with a ring, and nothing lies over it (WCAG 2.4.7 and 2.4.11). */
async function expectFocusIsVisible(target: Locator): Promise<void> {
  const seen = await target.evaluate((element) => {
    const box = element.getBoundingClientRect();
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const covered = !(top && (element.contains(top) || top.contains(element) || top.closest("label")?.contains(element)));
    const style = getComputedStyle(element);
    return { covered, ring: style.outlineStyle !== "none" || style.boxShadow !== "none" };
  });
  expect(seen).toEqual({ covered: false, ring: true });
}
