import { defineConfig, devices } from "@playwright/test";

/**
 * Where the server is. `script/test browser` starts one with a demo of its own and says where; by hand, `script/server`.
 */
const baseURL = process.env.BASE_URL ?? "http://127.0.0.1:3000";

/**
 * The machine's own browser, never a downloaded one. It runs as root in CI, hence no sandbox; and it asks nothing of
 * anybody but the server, so that a request to another host is a finding and not the browser's own chatter.
 */
const launchOptions = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
  ],
};

const desktop = { ...devices["Desktop Chrome"], viewport: { width: 1280, height: 900 }, launchOptions };

export default defineConfig({
  testDir: "tests",
  fullyParallel: false,
  workers: 2,
  // None: a test that passes the second time hides what failed the first time.
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  // What is not there after a minute will not come: that is said at once, and not when the whole test's time is over.
  use: {
    baseURL,
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    trace: { mode: "retain-on-failure", screenshots: false },
    locale: "en-GB",
    timezoneId: "UTC",
  },
  projects: [
    // Everything, as most people come.
    { name: "chromium", use: desktop, testIgnore: "checks/layout.spec.ts" },
    // Everything a person can do, without a line of script.
    {
      name: "no-js",
      use: { ...desktop, javaScriptEnabled: false },
      testMatch: "journeys/*.spec.ts",
      grepInvert: /@js/,
    },
    // The same pages on a small screen.
    {
      name: "mobile",
      use: { ...devices["Pixel 7"], viewport: { width: 360, height: 740 }, launchOptions },
      testMatch: "checks/layout.spec.ts",
    },
  ],
});
