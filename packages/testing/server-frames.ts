import { chatServerFrames } from "@gochat/contracts/sockets/chat";
import { notificationsServerFrames } from "@gochat/contracts/sockets/notifications";
import { createValidator } from "@gochat/runtime/validation";
import type { Frame } from "./sockets.ts";

type Schema = Parameters<typeof createValidator>[0];
export type SocketPath = "/ws/chat" | "/ws/notifications";

const validators = {
  "/ws/chat": compile(chatServerFrames),
  "/ws/notifications": compile(notificationsServerFrames),
};

/** Throws if a server sent what the contracts do not say of this socket. */
export function checkServerFrame(path: SocketPath, frame: Frame): void {
  const validate = validators[path].get(frame.type);
  try {
    if (!validate) throw new Error("There is no such type.");
    validate(frame);
  } catch (cause) {
    const text = JSON.stringify(frame);
    throw new Error(`${path} sent a frame that its contract does not know: ${text}`, { cause });
  }
}

function compile(table: Readonly<Record<string, Schema>>) {
  return new Map(Object.entries(table).map(([type, schema]) => [type, createValidator(closed(schema))]));
}

/** Clients must bear a field that is new to them; the server may not send one that nobody has written down. */
function closed(schema: Schema): Schema {
  const text = JSON.stringify(schema, (_key, part: unknown) => {
    const isObject = typeof part === "object" && part !== null && "properties" in part && "type" in part;
    return isObject ? { ...part, additionalProperties: false } : part;
  });
  return JSON.parse(text);
}
