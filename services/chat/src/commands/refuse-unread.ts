import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import { isUuid } from "@gochat/contracts/uuid";
import type { Connection } from "@gochat/runtime/socket-server";
import type { Parts } from "../parts.ts";

/** How clients begin a message; one that begins it otherwise is read before it is refused. */
const opening = '{"type":"message.send","id":"';
const idEnd = opening.length + 36;

/**
 * Refuses a message by its id alone, where its sender keeps no order and nothing would be remembered of it: whoever goes on
 * whatever it is told then takes less of the node from others. Whether the rest of it is right nobody looks.
 */
export function refuseUnread(
  { clock, states, measures }: Pick<Parts, "clock" | "states" | "measures">,
  connection: Connection<ChatServerFrame>,
  bytes: Buffer,
): "message.send" | undefined {
  const window = states.get(connection.id)?.window;
  if (!window?.keepsNoOrder) return undefined;
  const start = bytes.toString("latin1", 0, idEnd + 1);
  if (!start.startsWith(opening) || start.charAt(idEnd) !== '"') return undefined;
  const id = start.slice(opening.length, idEnd);
  const refusal = isUuid(id) ? window.refusalOfUnnoted(id, clock()) : undefined;
  if (!refusal) return undefined;
  measures.refused(refusal.code);
  connection.send({ type: "message.rejected", id, ...refusal });
  return "message.send";
}
