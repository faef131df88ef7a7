import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import type { Locator, Page } from "playwright-core";

const screenshots = resolve(import.meta.dirname, "../../.screenshots");

/** Keeps what the page looks like in a folder that git ignores. */
export async function screenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: resolve(screenshots, `${name}.png`) });
}

export async function signUp(page: Page, url: string, username: string): Promise<void> {
  await page.goto(`${url}/sign-up`);
  await page.getByLabel("E-mail").fill(`${username}@example.org`);
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(`correct horse ${username}`);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("button", { name: /^Notifications/ }).waitFor();
}

export async function signIn(
  page: Page,
  url: string,
  who: { email: string; password: string },
): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password").fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: /^Notifications/ }).waitFor();
}

/** The row of a person in the directory. */
export function person(page: Page, username: string): Locator {
  return page
    .getByRole("list", { name: "People" })
    .getByRole("listitem")
    .filter({ hasText: new RegExp(`^${username}`) });
}

export async function openConversation(page: Page, username: string): Promise<void> {
  await person(page, username).getByRole("link").click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.keyboard.press("Enter");
}

/** A message in the log, by its text. */
export function message(page: Page, text: string): Locator {
  return page
    .getByRole("log", { name: "Messages" })
    .locator("[data-message-id]")
    .filter({ has: page.getByText(text, { exact: true }) });
}

/** A message of one's own in this state: sending, sent, read or failed. */
export function ownMessage(page: Page, text: string, state: string): Locator {
  return message(page, text).and(page.locator(`[data-state="${state}"]`));
}
