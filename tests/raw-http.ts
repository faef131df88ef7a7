import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Everything before the body, as it came. */
  readonly head: string;
  /** The value of a header, by its lower-case name. */
  header(name: string): string | undefined;
  readonly text: string;
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with its length, unless `headers` say otherwise. */
  readonly body?: string | Buffer;
}

const timeoutMs = 15_000;

/** Writes a request byte by byte as given: what no well-behaved client would send. Resolves with the answer. */
export function sendRaw(
  url: string,
  { method, path, headers = {}, body = "" }: RawRequest,
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(url);
  const payload = Buffer.from(body);
  const all = {
    host,
    connection: "close",
    ...(payload.length > 0 && { "content-length": String(payload.length) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return exchange(hostname, Number(port), [`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, payload]);
}

/** Sends these bytes and reads until the server closes the connection. */
export function exchange(
  host: string,
  port: number,
  parts: readonly (string | Buffer)[],
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = connect(port, host, () => {
      for (const part of parts) if (part.length > 0) socket.write(part);
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error("The server neither answered nor closed.")));
    socket.on("data", (data) => received.push(Buffer.from(data)));
    // A server may refuse and close while we still write; what it said before that is its answer.
    socket.on("error", (error) => {
      if (received.length === 0) reject(error);
    });
    socket.on("close", () => {
      if (received.length > 0) resolve(parse(Buffer.concat(received).toString()));
      else reject(new Error("The server closed the connection without an answer."));
    });
  });
}

function parse(answer: string): RawAnswer {
  const end = answer.indexOf("\r\n\r\n");
  const head = answer.slice(0, end);
  const text = answer.slice(end + 4);
  return {
    status: Number(head.split(" ", 2)[1]),
    head,
    text,
    header: (name) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim(),
  };
}
