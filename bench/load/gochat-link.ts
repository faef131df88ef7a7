import { connect, type Link, type LinkObserver } from "./link.ts";
import type { Seat } from "./plan.ts";

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly code?: string;
  readonly retryAfterMs?: number;
  readonly message?: { readonly id: string; readonly senderId: string };
}

/** How a frame begins that says so, for those who do not parse it. */
export const storedFrame = '{"type":"message.stored"';

/** A chat socket of GoChat, and of the relay, which speaks the same. */
export async function openGoChatLink(seat: Seat, observer: LinkObserver): Promise<Link> {
  const socket = await connect(seat);
  socket.on("message", (data) => {
    const text = String(data);
    if (!observer.stored && text.startsWith(storedFrame)) return;
    const { type, id, message, code = "unknown", retryAfterMs = 1_000 } = JSON.parse(text) as Frame;
    if (type === "message.stored" && message) observer.stored?.(message.senderId, message.id);
    if (type !== "message.rejected" || !id) return;
    observer.rejected(id, code, retryAfterMs);
  });
  return {
    send: (id, to, body) => socket.send(JSON.stringify({ type: "message.send", id, to, body })),
    close: () => socket.terminate(),
  };
}
