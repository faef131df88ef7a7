import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { connectChat, connectNotifications, type TestSocket } from "@gochat/testing/sockets";
import type { GoChat } from "@gochat/testing/whole-gochat";
import { expect } from "vitest";

export interface Bystanders {
  /** Ends their talk; fails if anything that others did in the meantime was noticed. */
  finish(): Promise<void>;
}

const pauseMs = 60;
/** What a message may take while somebody else misbehaves, on a busy machine. */
const patienceMs = 5000;

/** Two people who chat all the while, each answering the other, with presence and notifications open. */
export async function startBystanders(gochat: Pick<GoChat, "url" | "signUp">): Promise<Bystanders> {
  const [kim, lea] = [await gochat.signUp("kim"), await gochat.signUp("lea")];
  const people = [
    { person: kim, to: lea.id, chat: await connectChat(gochat, kim) },
    { person: lea, to: kim.id, chat: await connectChat(gochat, lea) },
  ] as const;
  const bells = [await connectNotifications(gochat, kim), await connectNotifications(gochat, lea)];
  const sockets: TestSocket[] = [...people.map(({ chat }) => chat), ...bells];
  let noticed: string | undefined;
  let finished = false;
  for (const socket of sockets) {
    void socket.closed.then(({ code }) => {
      if (!finished) noticed ??= `a socket was closed with ${code}`;
    });
  }

  async function talk(): Promise<void> {
    for (let seq = 1; !finished; seq++) {
      const { chat, to } = people[seq % 2]!;
      const id = randomUUID();
      chat.send({ type: "message.send", id, to, body: `turn ${seq}` });
      for (const { chat: socket } of people) {
        const frame = await socket.receives("message.stored", ({ message }) => message.id === id, patienceMs);
        expect(frame.seq).toBe(seq);
      }
      await delay(pauseMs);
    }
  }

  const talking = talk().catch((error: unknown) => {
    noticed ??= String(error);
  });

  return {
    async finish() {
      finished = true;
      await talking;
      await Promise.all(sockets.map((socket) => socket.close()));
      expect(noticed).toBeUndefined();
    },
  };
}
