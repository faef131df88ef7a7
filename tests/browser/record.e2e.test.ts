import { openDevice } from "@gochat/testing/chromium";
import { startGoChat } from "@gochat/testing/whole-gochat";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { message, openConversation, ownMessage, screenshot, signUp, write } from "./pages.ts";

const details = (page: Page) => page.getByRole("dialog", { name: "Details" });
const openDetails = (page: Page) => page.getByRole("button", { name: "Details" }).click();

/** The three groups of letters and digits that people compare. */
async function codeOf(page: Page): Promise<string | undefined> {
  return /has([A-Z0-9]{4}(?: [A-Z0-9]{4}){2})If/.exec((await details(page).textContent()) ?? "")?.[1];
}

test("both see that the record is whole, and a message that was changed on the way", async () => {
  await using gochat = await startGoChat();
  await using anaDevice = await openDevice();
  await using bobDevice = await openDevice({ width: 390, height: 844, colorScheme: "dark" });
  const ana = await anaDevice.context.newPage();
  const bob = await bobDevice.context.newPage();
  await signUp(ana, gochat.url, "ana");
  await signUp(bob, gochat.url, "bob");
  await openConversation(ana, "bob");
  for (const text of ["one", "two", "three"]) {
    await write(ana, text);
    await ownMessage(ana, text, "sent").waitFor();
  }
  await openConversation(bob, "ana");
  await message(bob, "three").waitFor();

  await openDetails(ana);
  await openDetails(bob);
  for (const page of [ana, bob])
    await details(page)
      .getByText(/^Complete and unaltered up to/)
      .waitFor();
  expect(await codeOf(ana)).toBeTruthy();
  expect(await codeOf(bob)).toBe(await codeOf(ana));
  await screenshot(ana, "record-wide-light");
  await screenshot(bob, "record-phone-dark");

  // Somebody between the server and Bob changes what was said.
  let isAltered = true;
  await bob.route("**/api/conversations/*/messages*", async (route) => {
    const answer = await route.fetch();
    const text = await answer.text();
    await route.fulfill({ response: answer, body: isAltered ? text.replace('"two"', '"four"') : text });
  });
  await bob.reload();
  await message(bob, "four").waitFor();
  await openDetails(bob);
  await details(bob)
    .getByText(/^The record breaks at/)
    .waitFor();
  await screenshot(bob, "record-broken-phone-dark");
  await bob.emulateMedia({ colorScheme: "light" });
  await screenshot(bob, "record-broken-phone-light");

  isAltered = false;
  await details(bob).getByRole("button", { name: "Fetch again" }).click();
  await details(bob)
    .getByText(/^Complete and unaltered up to/)
    .waitFor();
  await message(bob, "two").waitFor();
});
