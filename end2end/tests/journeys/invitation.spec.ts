import { flash, press } from "../support/forms";
import { createOrganization } from "../support/organization";
import { goodPassword, operator, unique } from "../support/people";
import { signIn, signOut } from "../support/sign-in";
import { expect, test } from "../support/test";

test("the first admin joins by the link in the mail, which works once", async ({ page, as, mailbox }) => {
  const slug = unique("join");
  const email = `grace@${slug}.example`;
  await createOrganization(await as(operator), `Harbour ${slug}`, slug, email);
  const link = await mailbox.link(email, /invited you/);

  await page.goto(link);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Join Harbour ${slug}`);
  await expect(page.getByLabel("Account")).toHaveValue(email);

  await test.step("a weak password is refused in words, and the name stays", async () => {
    await page.getByLabel("Your name").fill("Grace Hopper");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByLabel("Password, again").fill("short");
    expect((await press(page, "Join")).status()).toBe(422);
    await expect(page.getByRole("alert")).toContainText("Use at least 15 characters");
    await expect(page.getByLabel("Your name")).toHaveValue("Grace Hopper");
    await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  });

  await test.step("so is one that many people use, and one that was not typed the same twice", async () => {
    await page.getByLabel("Password", { exact: true }).fill("passwordpassword");
    await page.getByLabel("Password, again").fill("passwordpassword");
    await press(page, "Join");
    await expect(page.getByRole("alert")).toContainText("many people use");
    await page.getByLabel("Password", { exact: true }).fill(goodPassword);
    await page.getByLabel("Password, again").fill(`${goodPassword}x`);
    await press(page, "Join");
    await expect(page.getByRole("alert")).toContainText("do not match");
  });

  await page.getByLabel("Password", { exact: true }).fill(goodPassword);
  await page.getByLabel("Password, again").fill(goodPassword);
  await press(page, "Join");
  await expect(page).toHaveURL(`/t/${slug}`);

  await signOut(page);
  await signIn(page, { org: slug, email, password: goodPassword });
  await signOut(page);
  expect((await page.goto(link))?.status()).toBe(404);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This link does not work");
});

test("several people are invited at once, with a result for every line", async ({ page, org, mailbox }) => {
  await signIn(page, org.admin);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Users" }).click();
  await page.getByRole("link", { name: "Invite users" }).click();
  const [one, two, three] = ["one", "two", "three"].map((name) => `${name}@${org.slug}.example`) as [string, string, string];
  await page.getByLabel("E-mail addresses").fill([one, two, "not an address", `${one.toUpperCase()}`, three].join("\n"));
  await page.getByRole("radio", { name: /^Manager/ }).check();
  expect((await press(page, "Send invitations")).status()).toBe(422);

  const result = (line: string) => page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: line, exact: true }) });
  for (const line of [one, two, three]) await expect(result(line)).toContainText("Invited");
  await expect(result("not an address")).toContainText("Failed");
  await expect(result(one.toUpperCase())).toContainText("Listed twice");
  const left = await page.getByLabel("E-mail addresses").inputValue();
  expect(left.split("\n").sort()).toEqual([one.toUpperCase(), "not an address"].sort());

  await page.goto(`/t/${org.slug}/users?status=invited`);
  await expect(page.getByRole("rowheader")).toHaveCount(3);
  for (const address of [one, two, three]) await mailbox.link(address, /invited you/);

  await test.step("an invitation is sent again; the old link stops working", async () => {
    const old = await mailbox.link(one, /invited you/);
    const before = await mailbox.count(one);
    await page.getByRole("rowheader").filter({ hasText: one }).getByRole("link").click();
    await press(page, "Resend invitation");
    await expect(flash(page)).toContainText("A new invitation is on its way");
    await expect.poll(() => mailbox.count(one)).toBe(before + 1);
    expect((await page.request.get(old)).status()).toBe(404);
  });
});
