import type { ChatServerFrame } from "@gochat/contracts/sockets/chat";
import { isUuidAt } from "@gochat/contracts/uuid";
import { type EncodedFrame, encodeFrame } from "@gochat/runtime/encoded-frame";
import type { Connection } from "@gochat/runtime/socket-server";
import type { Refusal } from "../node-load.ts";
import type { Parts } from "../parts.ts";

/** How clients begin a message; one that begins it otherwise is read before it is refused. */
const opening = Buffer.from('{"type":"message.send","id":"');
const idEnd = opening.length + 36;
const quote = '"'.charCodeAt(0);
/** Where the id stands in the answer. */
const answerIdAt = '{"type":"message.rejected","id":"'.length;
const anyId = "00000000-0000-0000-0000-000000000000";

/**
 * Refuses a message of a sender that keeps no order by its id alone, of which not even a string is made: whoever goes on
 * whatever it is told then takes less of the node from others. Whether the rest of it is right nobody looks.
 */
export function createUnreadRefusal({
  clock,
  states,
  measures,
}: Pick<Parts, "clock" | "states" | "measures">) {
  const encode = createEncoder();
  return (connection: Connection<ChatServerFrame>, bytes: Buffer): "message.send" | undefined => {
    const refusal = states.get(connection.id)?.window.refusalOfDisorder(clock());
    if (!refusal || !namesMessage(bytes)) return undefined;
    measures.refused(refusal.code);
    connection.sendSoon(encode(refusal).withBytes(answerIdAt, bytes, opening.length, idEnd));
    return "message.send";
  };
}

function namesMessage(bytes: Buffer): boolean {
  if (bytes[idEnd] !== quote || !isUuidAt(bytes, opening.length)) return false;
  return bytes.compare(opening, 0, opening.length, 0, opening.length) === 0;
}

/** What comes from a socket in one piece is refused in the same words: the last ones are kept. */
function createEncoder(): (refusal: Refusal) => EncodedFrame<ChatServerFrame> {
  let last: Refusal | undefined;
  let encoded: EncodedFrame<ChatServerFrame> | undefined;
  return (refusal) => {
    if (!encoded || !last || !isSame(last, refusal)) {
      last = refusal;
      encoded = encodeFrame({ type: "message.rejected", id: anyId, ...refusal });
    }
    return encoded;
  };
}

function isSame(one: Refusal, other: Refusal): boolean {
  return one.retryAfterMs === other.retryAfterMs && one.detail === other.detail && one.code === other.code;
}
