import { randomUUID } from "node:crypto";
import { directConversationId } from "@gochat/contracts/conversation-id";
import { userRegistered } from "@gochat/contracts/events/user-events";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { LateRecipients } from "../src/late-recipients.ts";
import { listen, never, origin, partsOf, publishSent, type Somebody, sent } from "./fixtures.ts";

let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["messages"] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

const stranger = (username: string): Somebody => ({ id: randomUUID(), username });
const receipt = { signal: never, deadLetter: async () => {} };

async function pair() {
  return { ana: await gochat.person("ana"), bob: await gochat.person("bob") };
}

function register({ id, username }: Somebody): Promise<void> {
  const at = new Date().toISOString();
  return gochat.broker.publish(userRegistered, [{ userId: id, username, at }]);
}

describe("somebody who registered a moment ago", () => {
  test("gets what was sent before that was known here, in order", async () => {
    const { ana } = await pair();
    const carl = stranger("carl");
    await using heard = await listen(gochat);
    await publishSent(gochat, [sent(ana, carl, "one"), sent(ana, carl, "two")]);
    await publishSent(gochat, [sent(ana, carl, "three")]);
    await register(carl);
    await vi.waitFor(() => expect(heard.stored).toHaveLength(3), 5000);
    expect(heard.stored.map(({ message }) => message.body)).toEqual(["one", "two", "three"]);
    expect(heard.rejected).toEqual([]);
  });

  test("is nobody after a second; others do not wait for it", async () => {
    const { ana, bob } = await pair();
    const nobody = stranger("nobody");
    await using heard = await listen(gochat);
    const lost = sent(ana, nobody, "hello?");
    await publishSent(gochat, [lost, sent(ana, bob, "hello")]);
    await vi.waitFor(() => expect(heard.stored).toHaveLength(1), 5000);
    expect(heard.rejected).toEqual([]);
    await vi.waitFor(() => expect(heard.rejected).toHaveLength(1), 5000);
    expect(heard.rejected[0]).toMatchObject({ id: lost.id, code: "NOT_FOUND" });
  });

  test("gets in order also what names the conversation, or answers another message", async () => {
    const { ana } = await pair();
    const carl = stranger("carl");
    const conversationId = directConversationId(ana.id, carl.id);
    await using heard = await listen(gochat);
    const one = sent(ana, carl, "one");
    const three = sent(ana, carl, "three", { replyTo: one.id });
    await publishSent(gochat, [
      one,
      sent(ana, carl, "two", { conversationId }),
      three,
      sent(ana, carl, "four", { replyTo: three.id }),
    ]);
    await publishSent(gochat, [sent(ana, carl, "five", { conversationId })]);
    await gochat.settle();
    expect(heard).toMatchObject({ stored: [], rejected: [] });
    await register(carl);
    await vi.waitFor(() => expect(heard.stored).toHaveLength(5), 5000);
    expect(heard.stored.map(({ message }) => message.body)).toEqual(["one", "two", "three", "four", "five"]);
    expect(heard.rejected).toEqual([]);
  });

  test("is there as soon as they write themselves", async () => {
    const { ana } = await pair();
    const carl = stranger("carl");
    await using heard = await listen(gochat);
    await publishSent(gochat, [sent(ana, carl, "one")]);
    await publishSent(gochat, [sent(carl, ana, "two")]);
    await vi.waitFor(() => expect(heard.stored).toHaveLength(2), 5000);
    expect(heard.stored.map(({ message }) => message.body)).toEqual(["one", "two"]);
    expect(heard.rejected).toEqual([]);
  });

  test("makes a bounded number wait; the rest is told to come again, and nothing overtakes it", async () => {
    const { ana } = await pair();
    const carl = stranger("carl");
    const dora = stranger("dora");
    await using heard = await listen(gochat);
    const late = new LateRecipients(partsOf(gochat), { maxEvents: 2 });
    const [first, second, third] = ["1", "2", "3"].map((body) => sent(ana, carl, body));
    const toDora = sent(ana, dora, "hello");
    await late.add([first!, toDora], receipt);
    expect(await late.letPass([second!])).toEqual([]);
    await register(dora);
    await vi.waitFor(() => expect(heard.stored).toHaveLength(1), 5000);
    // There is room again; but behind a refused one nothing passes until its conversation is decided.
    expect(await late.letPass([third!])).toEqual([]);
    await register(carl);
    await vi.waitFor(() => expect(heard.stored).toHaveLength(2), 5000);
    await late.stop();
    expect(heard.stored.map(({ message }) => message.id)).toEqual([toDora.id, first!.id]);
    const busy = { ...origin, code: "BUSY", detail: expect.any(String), retryAfterMs: 1_000 };
    expect(heard.rejected).toEqual([
      { ...busy, id: second!.id },
      { ...busy, id: third!.id },
    ]);
  });
});
