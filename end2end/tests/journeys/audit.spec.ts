import { filterBy, press, resultLine } from "../support/forms";
import { acmeAdmin, operator, unique } from "../support/people";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

const today = () => new Date().toISOString().slice(0, 10);

test("an admin filters the audit log and opens an event with before and after", async ({ page, org }) => {
  await signIn(page, org.admin);
  await page.goto(`/t/${org.slug}/users`);
  await page.getByRole("link", { name: "Ada Admin" }).click();
  await page.getByRole("textbox", { name: /^Name/ }).fill("Ada Changed");
  await press(page, "Save changes");

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit log" }).click();
  const rows = page.getByRole("rowheader");
  const all = await rows.count();

  await test.step("by action", async () => {
    await filterBy(page, "Action", ["user.updated"]);
    await expect(rows).toHaveCount(1);
    await expect(resultLine(page)).toContainText("1 of ");
  });

  await test.step("the event says who, where from, and what was before and after", async () => {
    await rows.getByRole("link").click();
    const change = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: /name/ }) });
    await expect(change.locator("del")).toHaveText("Ada Admin");
    await expect(change.locator("ins")).toHaveText("Ada Changed");
    const main = page.locator("main");
    await expect(main).toContainText(org.admin.email);
    await expect(main).toContainText("127.0.0.1");
    await expect(main).toContainText("Chrome");
    await expect(main).toContainText(/Request\s*[0-9a-f-]{36}/);
  });

  await test.step("by actor, outcome and time", async () => {
    await page.goto(`/t/${org.slug}/audit`);
    await page.getByRole("searchbox").fill(org.admin.email);
    await page.getByRole("searchbox").press("Enter");
    await expect(page).toHaveURL(/actor=/);
    expect(await rows.count()).toBeLessThanOrEqual(all);
    for (const text of await rows.allInnerTexts()) expect(text).toContain(org.admin.email);
    await page.goto(`/t/${org.slug}/audit`);
    await filterBy(page, "Outcome", ["Denied"]);
    await expect(page.getByRole("heading", { name: "No events match" })).toBeVisible();
    await page.goto(`/t/${org.slug}/audit?from=${today()}&until=${today()}`);
    expect(await rows.count()).toBeGreaterThan(0);
    await page.goto(`/t/${org.slug}/audit?until=2020-01-01`);
    await expect(rows).toHaveCount(0);
  });
});

test("the log pages backwards without a gap or a repetition", async ({ as }) => {
  const page = await as(acmeAdmin);
  await page.goto("/t/acme/audit?limit=25&until=" + today());
  const hrefs = () => page.getByRole("rowheader").getByRole("link").evaluateAll((links) => links.map((a) => a.getAttribute("href")));
  const first = await hrefs();
  expect(first).toHaveLength(25);
  await page.getByRole("link", { name: "Older" }).click();
  const second = await hrefs();
  expect(second).toHaveLength(25);
  expect(second.filter((href) => first.includes(href))).toEqual([]);
  await page.getByRole("link", { name: "Newer" }).click();
  // Others' tests write events meanwhile; what was second is still older.
  expect((await hrefs()).filter((href) => second.includes(href))).toEqual([]);
});

test("an operator reads the log of every organization and narrows it to one", async ({ as, org }) => {
  const page = await as(operator);
  await page.goto("/op/audit");
  await expect(page.getByRole("columnheader", { name: "Organization" })).toBeVisible();
  await page.goto(`/op/audit?org=${org.slug}`);
  const cells = page.locator("td[data-label=Organization]");
  expect(await cells.count()).toBeGreaterThan(2);
  for (const text of await cells.allInnerTexts()) expect(text.trim()).toBe(org.name);
  await filterBy(page, "Action", ["org.created"]);
  await page.getByRole("rowheader").getByRole("link").click();
  await expect(page.locator("main")).toContainText(operator.email);
  // The id that somebody sends leads to the same page.
  const event = new URL(page.url()).pathname;
  await page.goto("/op/audit");
  await page.getByRole("textbox", { name: "Reference" }).fill(event.split("/").at(-1) ?? "");
  await page.getByRole("button", { name: "Open a reference" }).click();
  await expect(page).toHaveURL(event);
  await page.goto(`/op/audit?org=${unique("nobody")}`);
  await expect(page.getByRole("heading", { name: "No events match" })).toBeVisible();
});
