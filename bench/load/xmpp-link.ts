import type { WebSocket } from "ws";
import { connect, type Link, type LinkObserver } from "./link.ts";
import type { Seat } from "./plan.ts";

const open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
const resource = "bench";
const stepTimeoutMs = 10_000;
const mostAttempts = 3;

/**
 * A signed-in XMPP session over WebSocket (RFC 7395): as much of it as sending and getting messages needs. Just after its
 * start ejabberd now and then leaves a socket without an answer: then once more.
 */
export async function openXmppLink(seat: Seat, observer: LinkObserver): Promise<Link> {
  for (let attempt = 1; ; attempt++) {
    const socket = await connect(seat, "xmpp");
    try {
      return await signIn(socket, seat, observer);
    } catch (error) {
      socket.terminate();
      if (attempt === mostAttempts) throw error;
    }
  }
}

async function signIn(socket: WebSocket, seat: Seat, observer: LinkObserver): Promise<Link> {
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
    else observer.stored?.(attributeOf(tag, "from").split("@")[0]!, id);
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
function ask(socket: WebSocket, text: string, answer: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const listen = (data: unknown) => {
    const said = String(data);
    if (said.includes(answer)) resolve();
    else if (/<failure|type=.error|<close/.test(said)) reject(new Error(`XMPP: ${said}`));
  };
  const closed = () => reject(new Error(`XMPP: the socket closed before ${answer}> came.`));
  const timer = setTimeout(
    () => reject(new Error(`XMPP: no ${answer}> within ${stepTimeoutMs / 1_000} s.`)),
    stepTimeoutMs,
  );
  socket.on("message", listen).once("close", closed);
  socket.send(text);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.off("message", listen).off("close", closed);
  });
}

function attributeOf(tag: string, name: string): string {
  return tag.match(new RegExp(` ${name}=['"]([^'"]*)`))?.[1] ?? "";
}
