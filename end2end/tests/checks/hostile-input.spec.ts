import type { Page } from "@playwright/test";
import { flash, press, resultLine } from "../support/forms";
import { createOrganization } from "../support/organization";
import { acmeAdmin, operator, unique } from "../support/people";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

/** Names that are kept as they are, and must never be anything but text. The guard of every test watches the rest. */
const KEPT = [
  "</textarea><script>document.title='hit'</script>",
  "</title><img src=x onerror=alert(1)>",
  "\"><svg onload=alert(1)>",
  "'; DROP TABLE users; --",
  "=HYPERLINK(\"https://evil.example\",\"x\")",
  "{{7*7}} ${7*7} <%= 7*7 %>",
  "&lt;b&gt; &amp;nbsp; %3Cscript%3E",
  "Zoë 木漏れ日 مرحبا 🦀",
];

/** Names nobody has: they hide or reverse what stands beside them, or have no end. */
const REFUSED = ["Ad\u202Emin", "Ad\u200Bmin", "Ad\u0007min", "x".repeat(300)];

const untouched = async (page: Page) => {
  await expect(page).not.toHaveTitle("hit");
  await expect(page.locator("main script, main img, main svg[onload]")).toHaveCount(0);
};

test("hostile names of people are text wherever they are shown", async ({ page, org }) => {
  await signIn(page, org.admin);
  for (const name of KEPT) {
    await test.step(name, async () => {
      await page.goto("/account");
      await page.getByLabel("Your name").fill(name);
      await press(page, "Save name");
      await expect(page.getByLabel("Your name")).toHaveValue(name);
      await untouched(page);
      await page.goto(`/t/${org.slug}/users`);
      await expect(page.getByRole("rowheader").getByRole("link", { name, exact: true })).toBeVisible();
      await untouched(page);
      await page.getByRole("rowheader").getByRole("link", { name, exact: true }).click();
      await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
      expect(await page.title()).toContain(name);
      await untouched(page);
    });
  }
  await page.goto(`/t/${org.slug}/audit?action=user.updated`);
  await page.getByRole("rowheader").getByRole("link").first().click();
  await expect(page.locator("ins").first()).toHaveText(KEPT.at(-1)!);
  await expect(page.locator("del").first()).toHaveText(KEPT.at(-2)!);
});

test("names that deceive are refused in words", async ({ page, org }) => {
  await signIn(page, org.admin);
  for (const name of REFUSED) {
    await page.goto("/account");
    // The browser's own limits are no protection: take them off.
    await page.getByLabel("Your name").evaluate((input) => input.removeAttribute("maxlength"));
    await page.getByLabel("Your name").fill(name);
    expect((await press(page, "Save name")).status(), JSON.stringify(name)).toBe(422);
    await expect(page.getByLabel("Your name")).toHaveAttribute("aria-invalid", "true");
  }
  await page.goto("/account");
  await expect(page.getByLabel("Your name")).toHaveValue("Ada Admin");
});

test("hostile names of organizations are text in both consoles", async ({ as }) => {
  const page = await as(operator);
  for (const name of KEPT.slice(0, 3)) {
    const slug = unique("hostile");
    const path = await createOrganization(page, name, slug, `admin@${slug}.example`);
    await expect(flash(page)).toContainText(name);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(name);
    await untouched(page);
    await page.goto(`${path}/deprovision`);
    await expect(page.getByLabel(`Type ${name} to confirm`)).toBeVisible();
    await page.getByLabel("Reason").fill("</textarea><script>document.title='hit'</script>");
    await page.getByLabel(/^Type /).fill("</title>");
    await press(page, new RegExp(`^Deprovision `));
    await expect(page.getByLabel("Reason")).toHaveValue("</textarea><script>document.title='hit'</script>");
    await untouched(page);
    await page.goto(`/op/audit?org=${slug}`);
    await expect(page.getByRole("cell", { name, exact: true }).first()).toBeVisible();
    await untouched(page);
  }
});

test("hostile searches and addresses find nothing and break nothing", async ({ as }) => {
  const page = await as(acmeAdmin);
  for (const text of [...KEPT, "%", "_", "\\", "a".repeat(5000), "\u202E"]) {
    const answer = await page.goto(`/t/acme/users?q=${encodeURIComponent(text)}`);
    expect(answer?.status()).toBe(200);
    await expect(resultLine(page)).toContainText(/^0 of /);
    await untouched(page);
  }
  for (const query of [
    "sort=%00&dir=%ff", "after=x&before=y", "limit=-1", "limit=99999999999", "status=<script>", "status=active&status=active",
    "q=%C3%28", "%", "&&==&",
  ]) {
    const answer = await page.goto(`/t/acme/users?${query}`);
    expect(answer?.status(), query).toBe(200);
  }
  for (const path of ["/t/acme/users/1", "/t/acme/users/..%2f..%2fop", "/t/acme/audit/%00", "/t/ACME", "/t/%2e%2e/op"]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
  }
});

test("forms that no page sends are refused", async ({ as }) => {
  const page = await as(acmeAdmin);
  await page.goto("/account");
  const csrf = await page.locator("main input[name=csrf]").first().inputValue();
  const headers = { origin: new URL(page.url()).origin };
  const form = "application/x-www-form-urlencoded";
  const post = async (body: string | Buffer, type = form) =>
    (await page.request.post("/account", { data: body, headers: { ...headers, "content-type": type } })).status();
  expect(await post(`csrf=${csrf}&name=A&version=1&role=admin`), "an unknown field").toBe(400);
  expect(await post(`csrf=${csrf}&name=A&name=B&version=1`), "a field twice").toBe(400);
  expect(await post(`csrf=${csrf}&name=A&version=one`), "no number").toBe(400);
  expect(await post(`csrf=${csrf}&name=A`), "a missing field").toBe(400);
  expect(await post(JSON.stringify({ csrf, name: "A", version: 1 }), "application/json"), "another type").toBe(400);
  expect(await post(`csrf=${csrf}&name=A&version=1`, "text/plain"), "what forms of other sites send").toBe(415);
  expect(await post(Buffer.alloc(10 * 1024 * 1024, "a")), "10 MB").toBe(413);
});
