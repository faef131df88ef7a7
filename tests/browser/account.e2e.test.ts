import { openDevice } from "@gochat/testing/chromium";
import { startGoChat } from "@gochat/testing/whole-gochat";
import { expect, test } from "vitest";
import { ownMessage, person, screenshot, signIn, signUp, write } from "./pages.ts";

test("a form says what is wrong, where it is wrong, and what to do", async () => {
  await using gochat = await startGoChat();
  await using device = await openDevice({ width: 390, height: 844 });
  await gochat.signUp("ana");
  const page = await device.context.newPage();
  await page.goto(`${gochat.url}/sign-up`);
  const field = (label: string) => page.getByLabel(label);
  const create = page.getByRole("button", { name: "Create account" });
  const complaint = (label: string) => expect.poll(() => field(label).getAttribute("aria-invalid"));

  await create.click();
  for (const label of ["E-mail", "Username", "Password"]) await complaint(label).toBe("true");
  await field("E-mail").fill("new@example.org");
  await field("Username").fill("Ana");
  await field("Password").fill("password1");
  await create.click();
  await page.getByText(/most common/).waitFor();
  await screenshot(page, "sign-up-errors-phone-light");
  await field("Password").fill("a line between two people");
  await create.click();
  await page.getByText(/taken/).waitFor();
  await field("Username").fill("New.Person");
  await create.click();
  await page.getByRole("button", { name: "Notifications" }).waitFor();
});

test("everything is done by keyboard: search, open, write, leave", async () => {
  await using gochat = await startGoChat();
  await using device = await openDevice();
  for (const name of ["bob", "bobby", "cleo"]) await gochat.signUp(name);
  const page = await device.context.newPage();
  await signUp(page, gochat.url, "ana");

  await page.keyboard.press("Control+k");
  const search = page.getByRole("searchbox", { name: "Search people" });
  await expect.poll(() => search.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.type("bobb");
  await person(page, "bobby").waitFor();
  await person(page, "cleo").waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  const input = page.getByRole("textbox", { name: "Message" });
  await input.waitFor();
  await expect.poll(() => input.evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.type("two");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("lines");
  await page.keyboard.press("Enter");
  await page.locator('[data-state="sent"]').waitFor();
  expect(await page.locator('[data-state="sent"] > p').textContent()).toBe("two\nlines");
});

test("a person sees their sessions, ends one, changes the password and the theme, and leaves", async () => {
  await using gochat = await startGoChat();
  await using laptop = await openDevice();
  await using phone = await openDevice({ width: 360, height: 740 });
  const onLaptop = await laptop.context.newPage();
  const onPhone = await phone.context.newPage();
  await signUp(onLaptop, gochat.url, "ana");
  const ana = { email: "ana@example.org", password: "correct horse ana" };
  await signIn(onPhone, gochat.url, ana);

  await onLaptop.getByRole("button", { name: "Account" }).click();
  await onLaptop.getByRole("link", { name: "Sessions and password" }).click();
  await onLaptop.getByText("this one").waitFor();
  await screenshot(onLaptop, "account-wide-light");
  await onLaptop.getByRole("button", { name: /^End/ }).click();
  // The other device is told at once, and asks to sign in again.
  await onPhone.getByRole("button", { name: "Sign in" }).waitFor();

  await onLaptop.getByLabel("Current password").fill("not this one");
  await onLaptop.getByLabel("New password").fill("a new line of words");
  await onLaptop.getByRole("button", { name: "Change password" }).click();
  await onLaptop.getByText("This is not your current password.").waitFor();
  await onLaptop.getByLabel("Current password").fill(ana.password);
  await onLaptop.getByRole("button", { name: "Change password" }).click();
  await onLaptop.getByText(/^Changed/).waitFor();
  await signIn(onPhone, gochat.url, { ...ana, password: "a new line of words" });

  const background = () =>
    onLaptop.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const before = await background();
  await onLaptop.getByRole("radio", { name: "Dark" }).check();
  await expect.poll(background).not.toBe(before);
  await screenshot(onLaptop, "account-wide-dark");
  await onLaptop.reload();
  await onLaptop.getByText("this one").waitFor();
  expect(await background()).not.toBe(before);

  await onLaptop.getByRole("button", { name: "Account" }).click();
  await onLaptop.getByRole("button", { name: "Sign out" }).click();
  await onLaptop.getByRole("link", { name: "Create account" }).waitFor();
});

test("it works in a network at home, where there is no https", async () => {
  await using gochat = await startGoChat();
  await using device = await openDevice({ hostName: "gochat.test" });
  await gochat.signUp("bob");
  const page = await device.context.newPage();
  const url = gochat.url.replace("localhost", "gochat.test");
  await signUp(page, url, "ana");
  expect(await page.evaluate(() => isSecureContext)).toBe(false);
  await person(page, "bob").getByRole("link").click();
  await write(page, "no https here");
  await ownMessage(page, "no https here", "sent").waitFor();
});
