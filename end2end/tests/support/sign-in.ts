import { expect, type Page } from "@playwright/test";
import type { Person } from "./people";

/** Fills in the sign-in form of the person's organization and sends it. */
export async function trySignIn(page: Page, person: Person): Promise<void> {
  await page.goto(`/login/${person.org}`);
  await page.getByLabel("E-mail address").fill(person.email);
  await page.getByLabel("Password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The same, and it worked. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await trySignIn(page, person);
  await expect(page).toHaveURL(person.org === "platform" ? "/op" : `/t/${person.org}`);
}

/** The same, and it was refused, in words beside the field. */
export async function expectRefused(page: Page, person: Person, words = /\S/): Promise<void> {
  await trySignIn(page, person);
  await expect(page).toHaveURL(`/login/${person.org}`);
  await expect(page.locator("#f-password-error")).toHaveText(words);
}

/** Signs out through the menu at the top. */
export async function signOut(page: Page): Promise<void> {
  await openUserMenu(page);
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page).toHaveURL("/login");
}

/** Opens the menu with the person's name. */
export async function openUserMenu(page: Page): Promise<void> {
  await page.locator(".user-menu > summary").click();
}

/** A session that is over leads to the sign-in page. */
export async function expectSignedOut(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page).toHaveURL(/\/login/);
}
