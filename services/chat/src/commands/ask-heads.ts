import { GoChatError } from "@gochat/contracts/errors";
import type { Resume } from "@gochat/contracts/sockets/chat";
import type { Connection } from "@gochat/runtime/socket-server";
import type { Static } from "typebox";
import type { Parts } from "../parts.ts";

/** A device is back and says what it has: messages answers with what is past that. Throws BUSY. */
export function askHeads(
  { nodeId, states, outgoing }: Pick<Parts, "nodeId" | "states" | "outgoing">,
  connection: Connection,
  { heads }: Static<typeof Resume>,
): void {
  // The answer finds the socket by its state.
  states.of(connection);
  const { userId } = connection.identity!;
  const isTaken = outgoing.heads.add({ node: nodeId, socket: connection.id, userId, heads });
  if (!isTaken)
    throw new GoChatError("BUSY", "Too many devices are coming back; resume again a little later.");
}
