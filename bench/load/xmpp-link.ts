import { once } from "node:events";
import type { WebSocket } from "ws";
import { connect, type Link, type LinkObserver } from "./link.ts";
import type { Seat } from "./plan.ts";

const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
const resource = "bench";
const stepTimeoutMs = 30_000;

/** A signed-in XMPP session over WebSocket (RFC 7395): as much of it as sending and getting messages needs. */
export async function openXmppLink(seat: Seat, observer: LinkObserver): Promise<Link> {
  const socket = await connect(seat, "xmpp");
  const secret = Buffer.from(`\0${seat.userId}\0${seat.password}`).toString("base64");
  await ask(socket, open, "<stream:features");
  await ask(
    socket,
    `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${secret}</auth>`,
    "<success",
  );
  await ask(socket, open, "<stream:features");
  const bind = `<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>${resource}</resource></bind>`;
  await ask(socket, `<iq xmlns='jabber:client' type='set' id='bind'>${bind}</iq>`, "<jid>");
  await ask(socket, "<presence xmlns='jabber:client'/>", "<presence");
  socket.on("message", (data) => {
    const text = String(data);
    if (!text.startsWith("<message")) return;
    // What stands in the tag itself; the archive's own id comes behind it.
    const tag = text.slice(0, text.indexOf(">"));
    const id = attributeOf(tag, "id");
    if (attributeOf(tag, "type") === "error") observer.rejected(id, "error", 1_000);
    else observer.stored(attributeOf(tag, "from").split("@")[0]!, id);
  });
  return {
    send: (id, to, body) => {
      const address = `${to}@localhost/${resource}`;
      socket.send(
        `<message xmlns='jabber:client' to='${address}' type='chat' id='${id}'><body>${body}</body></message>`,
      );
    },
    close: () => socket.terminate(),
  };
}

/** Sends, and waits for the answer; what else comes before it is passed over. */
async function ask(socket: WebSocket, text: string, answer: string): Promise<void> {
  const signal = AbortSignal.timeout(stepTimeoutMs);
  socket.send(text);
  for (;;) {
    const [data] = await once(socket, "message", { signal });
    const said = String(data);
    if (said.includes(answer)) return;
    if (said.includes("<failure") || said.includes("type='error'")) throw new Error(`XMPP: ${said}`);
  }
}

function attributeOf(tag: string, name: string): string {
  return tag.match(new RegExp(` ${name}=['"]([^'"]*)`))?.[1] ?? "";
}
