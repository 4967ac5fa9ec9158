import { press } from "../support/forms";
import { acmeAdmin, acmeUser, acmeViewer, globexAdmin, initechAdmin, operator } from "../support/people";
import { expectRefused } from "../support/sign-in";
import { expect, test } from "../support/test";

/** What a page says, without what is different every time. */
const words = (text: string) => text.replace(/Reference\s+\S+/, "Reference");

test("another organization's pages are the same 404 as those of none", async ({ as }) => {
  const globex = await as(globexAdmin);
  await globex.goto("/t/globex/users");
  const foreign = new URL(await globex.getByRole("rowheader").getByRole("link").first().getAttribute("href") ?? "", globex.url());
  const id = foreign.pathname.split("/").at(-1)!;

  const page = await as(acmeAdmin);
  const seen: string[] = [];
  for (const path of [
    "/t/globex", "/t/globex/users", `/t/globex/users/${id}`, "/t/no-such-organization", `/t/acme/users/${id}`,
    "/t/acme/users/00000000-0000-4000-8000-000000000000", "/op", "/op/orgs", "/op/audit", "/op/isolation",
  ]) {
    const answer = await page.goto(path);
    expect(answer?.status(), path).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("There is nothing here");
    seen.push(words(await page.locator("main").innerText()));
  }
  expect(new Set(seen).size).toBe(1);

  await test.step("and the attempt is in the log of those who may know", async () => {
    const op = await as(operator);
    await op.goto(`/op/audit?action=access.cross_tenant_attempt&org=acme&target=${id}`);
    await op.getByRole("rowheader").getByRole("link").first().click();
    await expect(op.locator("main")).toContainText(acmeAdmin.email);
    // The other organization learns of it too, but not from whom.
    await globex.goto(`/t/globex/audit?action=access.cross_tenant_attempt&target=${id}`);
    await globex.getByRole("rowheader").getByRole("link").first().click();
    await expect(globex.locator("main")).not.toContainText("acme");
  });
});

test("a viewer sees no buttons, and posting anyway is refused with the permission's name", async ({ as }) => {
  const admin = await as(acmeAdmin);
  await admin.goto("/t/acme/users?role=user");
  const href = await admin.getByRole("rowheader").getByRole("link").first().getAttribute("href");

  const page = await as(acmeViewer);
  await page.goto("/t/acme/users");
  await expect(page.getByRole("link", { name: "Invite users" })).toHaveCount(0);
  await page.goto(href!);
  for (const word of ["Suspend", "Remove", "Reactivate"]) await expect(page.getByRole("link", { name: word })).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Save changes" })).toHaveCount(0);
  await page.goto("/t/acme/settings");
  await expect(page.locator("main").getByRole("button", { name: /^Save/ })).toHaveCount(0);
  expect((await page.goto(`${href}/suspend`))?.status()).toBe(403);
  await expect(page.getByText("users:suspend")).toBeVisible();

  // The token of a form the viewer does have, on an address they have no form for.
  await page.goto("/account");
  const csrf = await page.locator("main input[name=csrf]").first().inputValue();
  const headers = { origin: new URL(page.url()).origin };
  const answer = await page.request.post(`${href}/suspend`, { form: { csrf, version: "1" }, headers });
  expect(answer.status()).toBe(403);
  expect(await answer.text()).toContain("users:suspend");
  await admin.goto(href!);
  await expect(admin.getByRole("link", { name: "Suspend" })).toBeVisible();
});

test("someone without the permission to read the log has no way to it", async ({ as }) => {
  const page = await as(acmeUser);
  await page.goto("/t/acme");
  await expect(page.getByRole("link", { name: "Audit log" })).toHaveCount(0);
  expect((await page.goto("/t/acme/audit"))?.status()).toBe(403);
  await expect(page.getByText("audit:read")).toBeVisible();
});

test("nobody signs in to a suspended organization", async ({ page }) => {
  await expectRefused(page, initechAdmin);
});

test("an account of one organization does not open another", async ({ page }) => {
  await expectRefused(page, { ...acmeAdmin, org: "globex" }, /match/);
});

test("a form from another site changes nothing", async ({ as }) => {
  const page = await as(acmeAdmin);
  await page.goto("/account");
  const csrf = await page.locator("main input[name=csrf]").first().inputValue();
  const forged = { form: { csrf, name: "Mallory", version: "1" }, headers: { origin: "https://evil.example" } };
  expect((await page.request.post("/account", forged)).status()).toBe(403);
  const unsigned = { form: { name: "Mallory", version: "1" }, headers: { origin: new URL(page.url()).origin } };
  expect((await page.request.post("/account", unsigned)).status()).toBe(403);
  await page.reload();
  await expect(page.getByLabel("Your name")).not.toHaveValue("Mallory");
});

test("a form sent twice is done once", async ({ as, org }) => {
  const admin = await as(org.admin);
  await admin.goto(`/t/${org.slug}/users/invite`);
  const second = await admin.context().newPage();
  await second.goto(admin.url());
  // Two tabs with the very same form: the key in it is what makes it the same.
  const once = await admin.locator("main input[name=once]").inputValue();
  await second.locator("main input[name=once]").evaluate((input, value) => ((input as HTMLInputElement).value = value), once);
  const email = `twice@${org.slug}.example`;
  for (const tab of [admin, second]) {
    await tab.getByLabel("E-mail addresses").fill(email);
    expect((await press(tab, "Send invitations")).status()).toBe(303);
  }
  await expect(second.getByText("This was already done; nothing was done twice.")).toBeVisible();
  await second.goto(`/t/${org.slug}/users`);
  await expect(second.getByRole("rowheader").filter({ hasText: email })).toHaveCount(1);
});
