import { once } from "node:events";
import { WebSocket } from "ws";
import type { Seat } from "./plan.ts";

/** One signed-in socket, whatever is spoken on it. */
export interface Link {
  send(id: string, recipient: string, body: string): void;
  close(): void;
}

/** What comes on a socket. */
export interface LinkObserver {
  /** A message is stored and here. Absent where nobody asks: such a frame is not parsed. */
  stored?(senderId: string, id: string): void;
  rejected(id: string, code: string, retryAfterMs: number): void;
}

export async function connect({ url, headers }: Seat, protocol?: string): Promise<WebSocket> {
  const socket = new WebSocket(url, protocol ? [protocol] : [], { headers, perMessageDeflate: false });
  await once(socket, "open", { signal: AbortSignal.timeout(30_000) });
  socket.on("error", (error) => console.error(`A socket failed: ${error.message}`));
  return socket;
}
