import { randomUUID } from "node:crypto";
import type { Person } from "@gochat/testing/people";
import type { Frame, TestSocket } from "@gochat/testing/sockets";

/** Sends a message and waits until it is stored; resolves with the sender's own `message.stored`. */
export function say(socket: TestSocket, to: Person, body: string, id: string = randomUUID()): Promise<Frame> {
  socket.send({ type: "message.send", id, to: to.id, body });
  return hears(socket, id);
}

/** Waits for the message with this id. */
export function hears(socket: TestSocket, id: string): Promise<Frame> {
  return socket.receives("message.stored", ({ message }) => message.id === id);
}

/** GET, expecting 200. */
export async function read(person: Person, path: string) {
  const { status, body } = await person.request("GET", path);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/**
 * Asks again until the answer is as wanted: for what follows from an event in another service, which no frame tells
 * of. Fails with the last difference.
 */
export async function eventually<Result>(look: () => Promise<Result>, timeoutMs = 5000): Promise<Result> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
