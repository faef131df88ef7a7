import { randomUUID } from "node:crypto";
import type { Person } from "@gochat/testing/people";
import { connectChat, type TestSocket } from "@gochat/testing/sockets";
import { type GoChat, startGoChat } from "@gochat/testing/whole-gochat";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hears, read } from "../talk.ts";

let gochat: GoChat;

beforeAll(async () => {
  gochat = await startGoChat();
});
afterAll(() => gochat[Symbol.asyncDispose]());

/** A small generator, so that each run breaks the connections alike (mulberry32, public domain). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A device with an outbox: what was not acknowledged when its connection broke is sent again, in order. */
async function sendThroughBreaks(person: Person, to: Person, bodies: string[], random: () => number) {
  const outbox = bodies.map((body) => ({ type: "message.send", id: randomUUID(), to: to.id, body }));
  const ids: string[] = outbox.map(({ id }) => id);
  while (outbox.length > 0) {
    const socket: TestSocket = await connectChat(gochat, person);
    const batch = outbox.slice(0, 1 + Math.floor(random() * 12));
    for (const frame of batch) socket.send(frame);
    if (random() < 0.5) {
      // The connection breaks somewhere in between: nobody knows what arrived.
      await hears(socket, batch[Math.floor(random() * batch.length)]!.id);
      await socket[Symbol.asyncDispose]();
    } else {
      for (const { id } of batch) await hears(socket, id);
      await socket.close();
    }
    const acknowledged = new Set(
      socket.frames.filter(({ type }) => type === "message.stored").map(({ message }) => message.id),
    );
    while (outbox.length > 0 && acknowledged.has(outbox[0]!.id)) outbox.shift();
  }
  return ids;
}

test.each([1, 2, 3])(
  "whatever breaks, each message is there once, in order, for both (seed %i)",
  async (seed) => {
    const [ana, bob] = [await gochat.signUp("ana"), await gochat.signUp("bob")];
    const bodies = (name: string) => Array.from({ length: 60 }, (_, index) => `${name} ${index}`);
    const [first, second, third] = await Promise.all([
      sendThroughBreaks(ana, bob, bodies("laptop"), randomOf(seed)),
      sendThroughBreaks(ana, bob, bodies("phone"), randomOf(seed + 10)),
      sendThroughBreaks(bob, ana, bodies("bob"), randomOf(seed + 20)),
    ]);
    const { conversations } = await read(ana, "/api/conversations");
    const address = `/api/conversations/${conversations[0].id}/changes?after=0&limit=500`;
    const [forAna, forBob] = [await read(ana, address), await read(bob, address)];
    expect(forAna).toEqual(forBob);
    expect(forAna.changes.map(({ seq }: { seq: number }) => seq)).toEqual(
      Array.from({ length: 180 }, (_, index) => index + 1),
    );
    const log: string[] = forAna.changes.map(({ message }: { message: { id: string } }) => message.id);
    for (const sent of [first, second, third]) {
      expect(log.filter((id) => sent.includes(id))).toEqual(sent);
    }
  },
);
