import { randomUUID } from "node:crypto";
import { openDevice } from "@gochat/testing/chromium";
import { connectChat } from "@gochat/testing/sockets";
import { startGoChat } from "@gochat/testing/whole-gochat";
import { expect, test } from "vitest";
import { message, screenshot, signIn, signUp } from "./pages.ts";

test("what is read on one device is read on the other", async () => {
  await using gochat = await startGoChat();
  await using laptop = await openDevice();
  await using phone = await openDevice({ width: 360, height: 740 });
  const onLaptop = await laptop.context.newPage();
  const onPhone = await phone.context.newPage();
  await signUp(onLaptop, gochat.url, "ana");
  await signIn(onPhone, gochat.url, { email: "ana@example.org", password: "correct horse ana" });

  const bob = await gochat.signUp("bob");
  const cleo = await gochat.signUp("cleo");
  const { body } = await bob.request("GET", "/api/users?q=ana");
  const to = body.users[0].id;
  for (const [person, text] of [
    [bob, "One"],
    [bob, "Two"],
    [cleo, "Three"],
  ] as const) {
    await using socket = await connectChat(gochat, person);
    socket.send({ type: "message.send", id: randomUUID(), to, body: text });
    await socket.receives("message.stored");
  }
  for (const page of [onLaptop, onPhone]) {
    await page.getByRole("button", { name: "Notifications, 2 unread" }).waitFor();
    await expect.poll(() => page.title()).toMatch(/^\(\d+\)/);
  }

  await onPhone.getByRole("button", { name: /^Notifications/ }).click();
  const panel = onPhone.getByRole("dialog", { name: "Notifications" });
  await panel.getByText("2 new messages").waitFor();
  await screenshot(onPhone, "notifications-phone-light");
  await panel.getByRole("link").filter({ hasText: "bob" }).click();
  await message(onPhone, "Two").waitFor();
  await onLaptop.getByRole("button", { name: "Notifications, 1 unread" }).waitFor();

  await onLaptop.getByRole("button", { name: /^Notifications/ }).click();
  await screenshot(onLaptop, "notifications-wide-light");
  await onLaptop.getByRole("button", { name: "Mark all as read" }).click();
  for (const page of [onLaptop, onPhone]) {
    await page
      .getByRole("button", { name: "Notifications", exact: true, includeHidden: true })
      .waitFor({ state: "attached" });
  }
  // The conversation itself is read with its notification.
  await onLaptop.getByRole("navigation", { name: "Conversations" }).getByText("Three").waitFor();
  expect(await onLaptop.getByText("unread", { exact: true }).count()).toBe(0);
});
