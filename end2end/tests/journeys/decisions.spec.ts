import { newUser } from "../support/organization";
import { signIn } from "../support/sign-in";
import { expect, test } from "../support/test";

test("a denial is opened by its reference, then and now told apart", async ({ page, org, elsewhere, mailbox }) => {
  await signIn(page, org.admin);
  const theirs = await elsewhere();
  await newUser(page, theirs, mailbox, org, "Ben Baker");
  let reference = "";

  await test.step("the denied person sees who can help and what to send them", async () => {
    expect((await theirs.goto(`/t/${org.slug}/audit`))?.status()).toBe(403);
    await expect(theirs.getByRole("main")).toContainText("can give it");
    reference = await theirs.locator(".error-request code").innerText();
  });

  await test.step("a reference that is none is refused, and stays in its field", async () => {
    await page.goto(`/t/${org.slug}/audit`);
    await page.getByLabel("Reference").fill("tomorrow");
    await page.getByRole("button", { name: "Open a reference" }).click();
    await expect(page.getByLabel("Reference")).toHaveValue("tomorrow");
    await expect(page.getByRole("main")).toContainText("Paste all of it.");
  });

  await test.step("theirs leads to the event, with why", async () => {
    await page.getByLabel("Reference").fill(` ${reference} `);
    await page.getByRole("button", { name: "Open", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("was denied");
    await expect(page.getByRole("main")).toContainText("As it was recorded.");
    await expect(page.getByRole("main")).toContainText("Neither roles nor what services have were changed since.");
    await expect(page.getByRole("main")).toContainText("The role Manager or Admin allows it.");
  });

  await test.step("a service's denial is in the list, with what every test saw", async () => {
    const user = await (async () => {
      const users = await page.request.get("/api/v1/users?limit=100");
      return (await users.json()).data.find((user: { name: string }) => user.name === "Ben Baker").id as string;
    })();
    const origin = { Origin: new URL(page.url()).origin };
    const role = await page.request.post("/api/v1/roles", {
      headers: origin,
      data: {
        name: "Restorer",
        reason: "To look at",
        grants: [{
          permission: "backups:execute",
          effect: "allow",
          when: [[{ test: "attribute", name: "environment", is: "equals", values: [{ type: "text", value: "staging" }] }]],
        }],
      },
    });
    const given = await page.request.put(`/api/v1/users/${user}/roles/${role.headers()["location"]!.split("/").at(-1)}`, { headers: origin, data: {} });
    expect(given.status()).toBe(200);
    await page.request.post("/api/v1/decisions", {
      headers: origin,
      data: {
        subject: { type: "user", id: user },
        action: { name: "execute" },
        resource: { type: "backups", id: "b-17", properties: { environment: "production" } },
      },
    });
    await page.goto(`/t/${org.slug}/decisions?outcome=denied`);
    await page.getByRole("link", { name: "Ben Baker" }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("was denied backups:execute");
    await expect(page.getByRole("table", { name: "Lines" })).toContainText("It saw: “production”");
    await expect(page.getByRole("table", { name: "Lines" })).toContainText("Does not hold");
  });
});
