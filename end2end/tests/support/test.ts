import { expect, test as base, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { Guard } from "./guard";
import { Mailbox } from "./mailbox";
import { newOrganization, type Organization } from "./organization";
import { operator, type Person } from "./people";
import { signIn } from "./sign-in";

export { expect };

interface Fixtures {
  /** Another browser of somebody else, or of the same person elsewhere: own cookies, watched like the first. */
  elsewhere: () => Promise<Page>;
  /** A page signed in as `person`, in a browser of its own. The session is shared by the tests of a worker. */
  as: (person: Person) => Promise<Page>;
  /** The mails the server has sent. */
  mailbox: Mailbox;
  /** An organization of this test's own, active, with an admin who has joined. */
  org: Organization;
  guard: Guard;
}

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;

interface WorkerFixtures {
  /** Cookies of people who signed in once for all tests of the worker: a password costs the server 100 ms. */
  signedIn: (person: Person, browser: Browser) => Promise<Cookies>;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  signedIn: [
    async ({}, use) => {
      const jar = new Map<string, Promise<Cookies>>();
      const sign = async (person: Person, browser: Browser) => {
        const context = await browser.newContext();
        await signIn(await context.newPage(), person);
        const cookies = await context.cookies();
        await context.close();
        return cookies;
      };
      await use((person, browser) => {
        const known = jar.get(person.email) ?? sign(person, browser);
        jar.set(person.email, known);
        return known;
      });
    },
    { scope: "worker" },
  ],

  guard: [
    async ({ baseURL }, use) => {
      const guard = new Guard(baseURL ?? "");
      await use(guard);
      expect(guard.problems, "what must never happen, whatever the test is about").toEqual([]);
    },
    { auto: true },
  ],

  context: async ({ context, guard }, use) => {
    guard.watch(context);
    await use(context);
  },

  elsewhere: async ({ browser, guard }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext();
      guard.watch(context);
      opened.push(context);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },

  as: async ({ browser, elsewhere, signedIn }, use) => {
    await use(async (person) => {
      const cookies = await signedIn(person, browser);
      const page = await elsewhere();
      await page.context().addCookies(cookies);
      return page;
    });
  },

  mailbox: async ({ elsewhere }, use) => use(new Mailbox(elsewhere)),

  org: async ({ as, elsewhere, mailbox }, use) => {
    await use(await newOrganization(await as(operator), await elsewhere(), mailbox));
  },
});
