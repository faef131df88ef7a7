import { openDevice } from "@gochat/testing/chromium";
import { startGoChat } from "@gochat/testing/whole-gochat";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { message, openConversation, ownMessage, person, screenshot, signUp, write } from "./pages.ts";

/** As long and as wide as a name can be. */
const ana = "w".repeat(32);
const bob = `${"w".repeat(31)}m`;

/** Nothing may stand out of the page, nor make it scroll sideways. */
async function expectToFit(page: Page): Promise<void> {
  const outside = await page.evaluate(() => {
    const elements = [...document.body.querySelectorAll("*")].filter((element) => element.checkVisibility());
    const wide = elements.filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5);
    return [
      document.documentElement.scrollWidth - innerWidth,
      wide.map((element) => element.outerHTML.slice(0, 120)),
    ];
  });
  expect(outside).toEqual([0, []]);
}

test("the longest names fit on the narrowest phone", async () => {
  await using gochat = await startGoChat();
  await using device = await openDevice({ width: 360, height: 740 });
  await using other = await openDevice({ width: 360, height: 740 });
  const anas = await device.context.newPage();
  const bobs = await other.context.newPage();
  await signUp(anas, gochat.url, ana);

  await bobs.goto(gochat.url);
  await person(bobs, ana).waitFor();
  await expectToFit(bobs);
  await screenshot(bobs, "guest-narrow-light");
  await signUp(bobs, gochat.url, bob);
  await openConversation(bobs, ana);
  await write(bobs, "hello");
  await ownMessage(bobs, "hello", "sent").waitFor();
  await expectToFit(bobs);

  await anas.getByRole("button", { name: "Notifications, 1 unread" }).click();
  await anas.getByRole("dialog", { name: "Notifications" }).getByRole("link").waitFor();
  await expectToFit(anas);
  await anas.keyboard.press("Escape");
  await openConversation(anas, bob);
  await message(anas, "hello").waitFor();
  await write(anas, "hello too");
  await ownMessage(anas, "hello too", "sent").waitFor();
  await bobs.getByRole("textbox", { name: "Message" }).pressSequentially("I am typing");
  await anas.getByText("is typing").waitFor();
  await expectToFit(anas);
  await screenshot(anas, "conversation-narrow-light");
  await anas.getByRole("button", { name: "Details" }).click();
  await expectToFit(anas);
  await anas.goto(`${gochat.url}/`);
  await anas.getByRole("navigation", { name: "Conversations" }).getByRole("link").waitFor();
  await expectToFit(anas);
});
