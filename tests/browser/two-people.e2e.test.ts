import { openDevice } from "@gochat/testing/chromium";
import { createNetwork } from "@gochat/testing/network";
import { startGoChat } from "@gochat/testing/whole-gochat";
import { expect, test } from "vitest";
import { message, openConversation, ownMessage, person, screenshot, signUp, write } from "./pages.ts";

test("two people sign up, see each other come online, and talk", async () => {
  await using gochat = await startGoChat();
  await using anaDevice = await openDevice();
  await using bobDevice = await openDevice({ width: 390, height: 844, colorScheme: "dark" });
  const ana = await anaDevice.context.newPage();
  const bob = await bobDevice.context.newPage();

  await bob.goto(gochat.url);
  await bob.getByRole("link", { name: "Create account" }).waitFor();
  await screenshot(bob, "guest-phone-dark");
  // A list of anything but items is read out wrong.
  expect(await bob.locator(":is(ul, ol) > :not(li)").count()).toBe(0);
  await signUp(ana, gochat.url, "ana");
  // The guest sees the new person, and sees her online, without a reload.
  await person(bob, "ana").and(bob.locator('[data-status="online"]')).waitFor();

  await signUp(bob, gochat.url, "bob");
  await person(ana, "bob").and(ana.locator('[data-status="online"]')).waitFor();
  await screenshot(ana, "people-wide-light");

  await openConversation(ana, "bob");
  await write(ana, "Hello Bob, are you there?");
  await ownMessage(ana, "Hello Bob, are you there?", "sent").waitFor();

  // The number is in the bell and in the title; reading clears both.
  await bob.getByRole("button", { name: "Notifications, 1 unread" }).waitFor();
  await expect.poll(() => bob.title()).toMatch(/^\(1\)/);
  await openConversation(bob, "ana");
  await message(bob, "Hello Bob, are you there?").waitFor();
  await ownMessage(ana, "Hello Bob, are you there?", "read").waitFor();
  await expect.poll(() => bob.title()).not.toMatch(/^\(/);

  await bob.getByRole("textbox", { name: "Message" }).pressSequentially("Yes, ");
  await ana.getByText("bob is typing").waitFor();
  await bob.getByRole("textbox", { name: "Message" }).pressSequentially("just arrived.");
  await bob.keyboard.press("Enter");
  await message(ana, "Yes, just arrived.").waitFor();
  await ownMessage(bob, "Yes, just arrived.", "read").waitFor();
  await screenshot(ana, "conversation-wide-light");
  await screenshot(bob, "conversation-phone-dark");
});

test("who was away catches up without a reload, and what was written meanwhile is sent once, in order", async () => {
  await using gochat = await startGoChat();
  await using network = await createNetwork(gochat);
  await using anaDevice = await openDevice();
  await using bobDevice = await openDevice();
  const ana = await anaDevice.context.newPage();
  const bob = await bobDevice.context.newPage();
  await signUp(ana, gochat.url, "ana");
  await signUp(bob, network.url, "bob");
  await openConversation(bob, "ana");
  await write(bob, "before");
  await ownMessage(bob, "before", "sent").waitFor();
  await ana.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
  await message(ana, "before").waitFor();

  network.cut();
  await bob
    .getByRole("status")
    .filter({ hasText: /reconnecting|offline/i })
    .waitFor();
  for (const text of ["away 1", "away 2", "away 3"]) await write(bob, text);
  await ownMessage(bob, "away 3", "sending").waitFor();
  for (const text of ["meanwhile 1", "meanwhile 2"]) await write(ana, text);
  await ownMessage(ana, "meanwhile 2", "sent").waitFor();
  await screenshot(bob, "reconnecting-wide-light");

  network.heal();
  for (const page of [ana, bob]) await message(page, "away 3").and(page.locator("[data-seq]")).waitFor();
  const texts = (page: typeof ana) =>
    page.getByRole("log", { name: "Messages" }).locator("[data-seq] > p").allInnerTexts();
  const expected = ["before", "meanwhile 1", "meanwhile 2", "away 1", "away 2", "away 3"];
  await expect.poll(() => texts(ana)).toEqual(expected);
  await expect.poll(() => texts(bob)).toEqual(expected);
});

test("what was not sent survives a reload", async () => {
  await using gochat = await startGoChat();
  await using network = await createNetwork(gochat);
  await using device = await openDevice();
  await gochat.signUp("ana");
  const bob = await device.context.newPage();
  await signUp(bob, network.url, "bob");
  await openConversation(bob, "ana");
  await write(bob, "first");
  await ownMessage(bob, "first", "sent").waitFor();
  const address = bob.url();

  network.cut();
  await write(bob, "written while away");
  await ownMessage(bob, "written while away", "sending").waitFor();
  await bob.close();
  network.heal();
  const again = await device.context.newPage();
  await again.goto(address);
  await ownMessage(again, "written while away", "sent").waitFor();
});
