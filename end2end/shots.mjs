import { chromium } from "@playwright/test";
const base = process.env.BASE; const out = process.argv[2]; const theme = process.argv[3]; const width = Number(process.argv[4]);
const paths = process.argv.slice(5);
const b = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });
const c = await b.newContext({ viewport: { width, height: 900 }, locale: "en-GB", timezoneId: "UTC" });
await c.addCookies([{ name: "theme", value: theme, url: base }]);
const p = await c.newPage();
await p.goto(base + "/login/acme");
await p.getByLabel("E-mail address").fill(process.env.WHO); await p.getByLabel("Password", { exact: true }).fill(process.env.PW);
await p.getByRole("button", { name: "Sign in" }).click(); await p.waitForURL("**/t/acme**");
let n = 0;
for (const path of paths) {
  if (path.startsWith("click:")) { await p.locator(path.slice(6)).first().click(); await p.waitForTimeout(1500); }
  else if (path.startsWith("first:")) { await p.goto(base + path.slice(6)); await p.getByRole("rowheader").getByRole("link").first().click(); await p.waitForLoadState(); }
  else { await p.goto(base + path); await p.waitForTimeout(700); }
  await p.screenshot({ path: `${out}-${++n}.png`, fullPage: true });
  console.log(n, p.url(), await p.title());
}
await b.close();
