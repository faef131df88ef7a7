import { randomUUID } from "node:crypto";
import { chat } from "@gochat/chat/index";
import { limits } from "@gochat/contracts/limits";
import type { ServiceDefinition } from "@gochat/runtime/service";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { connectChat, type Frame } from "@gochat/testing/sockets";
import { afterAll, beforeAll, expect, test } from "vitest";

const listeners = new Set<() => void>();
/** Nobody stores, so nothing is answered. */
const unanswered: ServiceDefinition = {
  ...chat,
  start: (context) =>
    chat.start({
      ...context,
      broker: Object.assign(Object.create(context.broker), {
        publish: context.broker.publish.bind(context.broker),
        subscribe: context.broker.subscribe.bind(context.broker),
        onReconnect(listener: () => void) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      }),
    }),
};
let gochat: GoChat;
beforeAll(async () => {
  gochat = await startGoChat({ services: ["auth", unanswered] });
});
afterAll(() => gochat[Symbol.asyncDispose]());

test("a node that lost its queue takes messages again from a socket whose answers were in it", async () => {
  const [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
  await using socket = await connectChat(gochat, ana);
  const send = (id: string) => socket.send({ type: "message.send", id, to: bob.id, body: "Hi" });
  for (let count = 0; count < limits.maxUnacknowledged; count++) send(randomUUID());
  const one = randomUUID();
  const isOne = (frame: Frame) => frame.id === one;
  send(one);
  expect(await socket.receives("message.rejected", isOne)).toMatchObject({ code: "BUSY" });
  for (const listener of listeners) listener();
  send(one);
  for (let count = 1; count < limits.maxUnacknowledged; count++) send(randomUUID());
  const last = randomUUID();
  send(last);
  // Only the last one is too many again.
  await socket.receives("message.rejected", (frame) => frame.id === last);
  expect(socket.frames.filter(({ type }) => type === "message.rejected")).toHaveLength(2);
});
