import { randomUUID } from "node:crypto";
import { openDevice } from "@gochat/testing/chromium";
import type { Person } from "@gochat/testing/people";
import { connectChat } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { screenshot, signIn } from "./pages.ts";

const total = 5000;
/** Pixels that one turn of the wheel scrolls. */
const wheel = 450;

/** Sends this many numbered messages through the socket, as many at once as the protocol allows. */
async function sendMany(gochat: GoChat, from: Person, to: string, count: number): Promise<void> {
  await using socket = await connectChat(gochat, from);
  for (let sent = 0; sent < count; ) {
    const burst = Math.min(32, count - sent);
    for (let index = 1; index <= burst; index++) {
      const body = `Message ${sent + index}${(sent + index) % 7 === 0 ? ` ${"and some more words ".repeat(12)}` : ""}`;
      socket.send({ type: "message.send", id: randomUUID(), to, body });
    }
    for (let index = 0; index < burst; index++) await socket.receives("message.stored");
    sent += burst;
  }
}

/** The seq of each message in view, and where the first of them stands. */
function inView(page: Page): Promise<{ seq: number; top: number }[]> {
  return page.getByRole("log", { name: "Messages" }).evaluate((log) => {
    const frame = log.getBoundingClientRect();
    return [...log.querySelectorAll("[data-seq]")]
      .map((row) => ({ seq: Number(row.getAttribute("data-seq")), rect: row.getBoundingClientRect() }))
      .filter(({ rect }) => rect.bottom > frame.top && rect.top < frame.bottom)
      .map(({ seq, rect }) => ({ seq, top: Math.round(rect.top - frame.top) }));
  });
}

async function openOnlyConversation(page: Page): Promise<void> {
  await page.getByRole("navigation", { name: "Conversations" }).getByRole("link").first().click();
  await page.getByRole("log", { name: "Messages" }).locator("[data-seq]").first().waitFor();
}

async function jumpToNewest(page: Page, newest: number): Promise<void> {
  await page.getByRole("button", { name: "Jump to newest" }).click();
  await page.getByRole("log", { name: "Messages" }).locator(`[data-seq="${newest}"]`).waitFor();
  await expect.poll(async () => (await inView(page)).at(-1)?.seq).toBe(newest);
}

let gochat: GoChat;
let ana: Person;
let bob: Person;
beforeAll(async () => {
  gochat = await startGoChat();
  ana = await gochat.signUp("ana");
  bob = await gochat.signUp("bob");
  await sendMany(gochat, ana, bob.id, total);
});
afterAll(() => gochat[Symbol.asyncDispose]());

test("a history of 5,000 messages is scrolled to its beginning and back, without a hole or a jump", async () => {
  await using device = await openDevice();
  const page = await device.context.newPage();
  await signIn(page, gochat.url, ana);
  await openOnlyConversation(page);
  expect((await inView(page)).at(-1)?.seq).toBe(total);
  await screenshot(page, "history-wide-light");

  const seen = new Set<number>();
  await page.getByRole("log", { name: "Messages" }).hover();
  let first = total;
  for (const deadline = Date.now() + 90_000; first > 1 && Date.now() < deadline; ) {
    const before = await inView(page);
    await page.mouse.wheel(0, -wheel);
    await page.waitForTimeout(30);
    const after = await inView(page);
    for (const { seq } of [...before, ...after]) seen.add(seq);
    // What is in view is contiguous, and what was in view moved by no more than the wheel turned.
    for (const [index, row] of after.entries()) expect(row.seq).toBe(after[0]!.seq + index);
    for (const { seq, top } of before) {
      const same = after.find((row) => row.seq === seq);
      if (same) expect(Math.abs(same.top - top)).toBeLessThanOrEqual(wheel + 10);
    }
    first = after[0]?.seq ?? first;
  }
  expect(first).toBe(1);
  expect(seen.size).toBe(total);

  await jumpToNewest(page, total);
  // Of thousands of messages only those around the view are in the page.
  expect(await page.locator("[data-seq]").count()).toBeLessThan(120);
});

test("what is unread opens where it begins, and one button leads to the newest", async () => {
  const unread = 80;
  const cleo = await gochat.signUp("cleo");
  await sendMany(gochat, bob, cleo.id, unread);
  await using device = await openDevice();
  const page = await device.context.newPage();
  await signIn(page, gochat.url, cleo);
  await openOnlyConversation(page);
  await expect.poll(async () => (await inView(page))[0]?.seq).toBe(1);
  await screenshot(page, "unread-wide-light");
  await jumpToNewest(page, unread);
  await page.getByRole("button", { name: "Notifications", exact: true }).waitFor();
});
