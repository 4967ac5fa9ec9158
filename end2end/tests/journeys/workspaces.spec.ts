import { flash, press } from "../support/forms";
import { newUser } from "../support/organization";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("a role is given in a workspace, kept while it is archived, and lost with it", async ({ page, org, elsewhere, mailbox }) => {
  await signIn(page, org.admin);
  const theirs = await elsewhere();
  const { email } = await newUser(page, theirs, mailbox, org, "Ben Baker");
  const made = await page.request.post("/api/v1/roles", {
    headers: { Origin: new URL(page.url()).origin },
    data: { name: "Deployer", grants: [{ permission: "audit:read", effect: "allow" }] },
  });
  expect(made.status()).toBe(201);
  await page.goto(`/t/${org.slug}/users`);
  await page.getByRole("link", { name: "Ben Baker" }).click();
  const user = page.url();
  const members = page.getByRole("table", { name: "Members of this workspace" });

  await test.step("the first one is made from the empty list", async () => {
    await page.goto(`/t/${org.slug}/workspaces`);
    await expect(page.getByRole("heading", { name: "No workspace yet" })).toBeVisible();
    await page.getByRole("link", { name: "New workspace" }).click();
    expect((await press(page, "Create workspace")).status()).toBe(422);
    await expect(page.getByText("Enter a name.").last()).toBeVisible();
    await page.getByLabel("Name", { exact: true }).fill("Production");
    await page.getByLabel(/^Description/).fill("What customers use.");
    await press(page, "Create workspace");
    await expect(flash(page)).toContainText("Production created");
    await expect(page.getByText("Nobody is in this workspace.")).toBeVisible();
  });
  const workspace = page.url();

  await test.step("a name that looks the same is taken", async () => {
    await page.goto(`/t/${org.slug}/workspaces/new`);
    // The first o is Cyrillic.
    await page.getByLabel("Name", { exact: true }).fill("Prоduction");
    expect((await press(page, "Create workspace")).status()).toBe(422);
    await expect(page.getByText(/Another workspace has this name/).last()).toBeVisible();
  });

  await test.step("a member is added by their address", async () => {
    await page.goto(workspace);
    await page.getByLabel("E-mail address").fill(`nobody@${org.slug}.example`);
    expect((await press(page, "Add member")).status()).toBe(422);
    await expect(page.getByText(/Nobody in the organization has this address/).last()).toBeVisible();
    await page.getByLabel("E-mail address").fill(email);
    await press(page, "Add member");
    await expect(flash(page)).toContainText("Ben Baker added");
    await expect(members.getByRole("row").filter({ hasText: "Ben Baker" })).toContainText("None");
  });

  await test.step("a role is given there, and not organization-wide", async () => {
    await page.goto(user);
    await page.getByLabel("Role to give").selectOption({ label: "Deployer" });
    await page.getByLabel("Where").selectOption({ label: "Production" });
    await press(page, "Give role");
    await expect(flash(page)).toHaveText(/Deployer in Production given to Ben Baker, without end/);
    const held = page.getByRole("table", { name: "Roles that they hold" });
    await expect(held.getByRole("row").filter({ hasText: "Deployer" })).toContainText("Production");
    expect((await theirs.goto(`/t/${org.slug}/audit`))?.status()).toBe(403);
    await page.goto(workspace);
    await expect(members.getByRole("row").filter({ hasText: "Ben Baker" })).toContainText("Deployer");
  });

  await test.step("archived, it keeps the role without counting it; brought back, it counts", async () => {
    await page.getByRole("link", { name: "Archive", exact: true }).click();
    await expect(page.getByText(/role held in it stops counting/)).toBeVisible();
    await press(page, "Archive Production");
    await expect(flash(page)).toContainText("Workspace archived");
    await expect(page.getByRole("button", { name: "Add member" })).toHaveCount(0);
    await page.goto(user);
    const held = page.getByRole("table", { name: "Roles that they hold" });
    await expect(held.getByRole("row").filter({ hasText: "Deployer" })).toContainText("Archived");
    await page.goto(workspace);
    await page.getByRole("link", { name: "Bring back", exact: true }).click();
    await press(page, "Bring back Production");
    await expect(flash(page)).toContainText("Workspace brought back");
  });

  await test.step("whoever is removed loses what they held there, and the page says so first", async () => {
    await page.getByRole("link", { name: "Remove Ben Baker" }).click();
    await expect(page.getByText("They lose what they hold in it, with their next request: Deployer.")).toBeVisible();
    await press(page, "Remove from workspace");
    await expect(flash(page)).toContainText("Ben Baker removed from the workspace");
    await page.goto(user);
    await expect(page.getByRole("button", { name: /^Take away/ })).toHaveCount(0);
  });
});

test("two admins change the same workspace: the slower one sees both", async ({ page, org }) => {
  await signIn(page, org.admin);
  await page.goto(`/t/${org.slug}/workspaces/new`);
  await page.getByLabel("Name", { exact: true }).fill("Production");
  await press(page, "Create workspace");
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  const second = await page.context().newPage();
  await second.goto(page.url());
  await page.getByLabel("Name", { exact: true }).fill("Faster");
  await press(page, "Save changes");
  await second.getByLabel("Name", { exact: true }).fill("Slower");
  expect((await press(second, "Save changes")).status()).toBe(409);
  await expect(second.getByLabel("Name", { exact: true })).toHaveValue("Slower");
  await expect(second.getByText(/There it says now: name Faster/)).toBeVisible();
});
