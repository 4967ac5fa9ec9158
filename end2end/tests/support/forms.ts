import type { Page, Response } from "@playwright/test";

/** Presses a button whose form is posted and gives the server's answer to that form, before any redirect. */
export async function press(page: Page, button: string | RegExp): Promise<Response> {
  const answer = page.waitForResponse((response) => response.request().method() === "POST");
  await page.getByRole("button", { name: button, exact: typeof button === "string" }).click();
  return answer;
}

/** The message a page begins with after something was done. */
export const flash = (page: Page) => page.locator("#flash");

/** Ticks options of a filter and applies them. */
export async function filterBy(page: Page, facet: string, options: string[]): Promise<void> {
  const menu = page.locator("details.facet").filter({ has: page.locator("summary", { hasText: facet }) });
  await menu.locator("summary").click();
  for (const option of options) await menu.getByRole("checkbox", { name: option, exact: true }).check();
  await menu.getByRole("button", { name: "Apply" }).click();
}

/** The line that says how many rows match. */
export const resultLine = (page: Page) => page.locator(".result-line");

/** What the links in the rows of a list say, in the order of the page. */
export const rowTitles = (page: Page) => page.getByRole("rowheader").getByRole("link").allInnerTexts();
