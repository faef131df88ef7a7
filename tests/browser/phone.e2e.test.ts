import { randomUUID } from "node:crypto";
import { openDevice } from "@gochat/testing/chromium";
import type { Person } from "@gochat/testing/people";
import { connectChat } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { expect, test } from "vitest";
import { openConversation, ownMessage, screenshot, signUp } from "./pages.ts";

async function say(gochat: GoChat, from: Person, to: string, body: string): Promise<void> {
  await using socket = await connectChat(gochat, from);
  socket.send({ type: "message.send", id: randomUUID(), to, body });
  await socket.receives("message.stored");
}

test("on a phone Enter makes a line, the button sends, and an open conversation tells of the others", async () => {
  await using gochat = await startGoChat();
  await using device = await openDevice({ width: 390, height: 844, touch: true });
  const bob = await gochat.signUp("bob");
  const cleo = await gochat.signUp("cleo");
  const page = await device.context.newPage();
  await signUp(page, gochat.url, "ana");
  const { body } = await bob.request("GET", "/api/users?q=ana");
  const ana = body.users[0].id as string;

  await openConversation(page, "bob");
  const input = page.getByRole("textbox", { name: "Message" });
  await input.tap();
  await page.keyboard.type("two");
  await page.keyboard.press("Enter");
  await page.keyboard.type("lines");
  expect(await input.inputValue()).toBe("two\nlines");
  await page.getByRole("button", { name: "Send" }).tap();
  await ownMessage(page, "two\nlines", "sent").waitFor();

  await say(gochat, bob, ana, "Read at once, as it is open");
  await say(gochat, cleo, ana, "And I am elsewhere");
  const back = page.getByRole("link", { name: "Back to the conversations, 1 unread" });
  await back.waitFor();
  await screenshot(page, "conversation-phone-light");
  await back.tap();
  await page.getByText("And I am elsewhere").waitFor();
});

test("what was begun and not sent survives a reload, and not a sign-out", async () => {
  await using gochat = await startGoChat();
  await using device = await openDevice();
  await gochat.signUp("bob");
  const page = await device.context.newPage();
  await signUp(page, gochat.url, "ana");
  await openConversation(page, "bob");
  const input = page.getByRole("textbox", { name: "Message" });
  await input.fill("a thought that is not");
  await expect.poll(() => page.title()).toBe("bob · GoChat");
  await page.reload();
  await input.waitFor();
  expect(await input.inputValue()).toBe("a thought that is not");

  const address = page.url();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("link", { name: "Create account" }).waitFor();
  // A link to a conversation leads there once one is signed in.
  await page.goto(address);
  await page.getByLabel("E-mail").fill("ana@example.org");
  await page.getByLabel("Password").fill("correct horse ana");
  await page.getByRole("button", { name: "Sign in" }).click();
  await input.waitFor();
  expect(page.url()).toBe(address);
  expect(await input.inputValue()).toBe("");

  await page.goto(`${gochat.url}/nowhere`);
  await page.getByText("There is nothing here").waitFor();
});
