import { expect, type Page } from "@playwright/test";

/** The mails the server would have sent, read on its developer page as a person would. */
export class Mailbox {
  private page: Page | undefined;

  constructor(private readonly elsewhere: () => Promise<Page>) {}

  /** Waits for the newest mail to `address` whose subject matches and gives the path its link leads to. */
  async link(address: string, subject: RegExp): Promise<string> {
    const page = await this.open(address, subject);
    const href = await page.locator("main a[href*='://']").first().getAttribute("href");
    const url = new URL(href ?? "");
    return url.pathname + url.search;
  }

  /** Waits for the newest mail to `address` whose subject matches and shows it. */
  async open(address: string, subject: RegExp): Promise<Page> {
    this.page ??= await this.elsewhere();
    const page = this.page;
    const row = page.getByRole("row").filter({ hasText: address }).filter({ hasText: subject });
    await expect(async () => {
      await page.goto("/dev/mail");
      await expect(row.first()).toBeVisible({ timeout: 200 });
    }, `a mail to ${address}`).toPass({ timeout: 20_000, intervals: [200, 500, 1000] });
    await row.first().getByRole("link").click();
    await expect(page.getByText("Text", { exact: true })).toBeVisible();
    return page;
  }

  /** How many mails to `address` there are now. */
  async count(address: string): Promise<number> {
    this.page ??= await this.elsewhere();
    await this.page.goto("/dev/mail");
    return this.page.getByRole("row").filter({ hasText: address }).count();
  }
}
