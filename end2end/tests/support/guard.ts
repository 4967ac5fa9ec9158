import type { BrowserContext, ConsoleMessage } from "@playwright/test";

/**
 * Watches every page of a context for what must never happen, whatever a test is about: an error on the console, an
 * exception, a dialog, a request to another host, an answer of 5xx.
 */
export class Guard {
  readonly problems: string[] = [];
  private readonly refusedPages = new Set<string>();

  constructor(private readonly baseURL: string) {}

  watch(context: BrowserContext): void {
    const host = new URL(this.baseURL).host;
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.host !== host) {
        this.problems.push(`request to another host: ${request.url()}`);
      }
    });
    context.on("response", (response) => {
      const status = response.status();
      if (status >= 500) this.problems.push(`${status} from ${response.url()}`);
      if (status >= 400 && response.request().isNavigationRequest()) this.refusedPages.add(response.url());
    });
    context.on("console", (message) => {
      if (message.type() === "error" && !this.isRefusedPage(message)) {
        this.problems.push(`console: ${message.text()} (${message.location().url})`);
      }
    });
    context.on("weberror", (error) => this.problems.push(`exception: ${error.error().message}`));
    context.on("dialog", (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** Chromium writes to the console when a page itself is a 4xx. Tests ask for some of those on purpose. */
  private isRefusedPage(message: ConsoleMessage): boolean {
    const url = message.location().url;
    return message.text().startsWith("Failed to load resource") && (this.refusedPages.has(url) || this.refusedPages.size > 0 && url === "");
  }
}
