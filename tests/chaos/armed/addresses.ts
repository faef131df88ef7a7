import { Socket } from "node:net";

/** The loopback address from which the process on this port speaks, so that a firewall can tell processes apart. */
export function addressOf(port: number): string {
  return `127.${port >> 8}.${port & 255}.1`;
}

/** From now on this process speaks to other ports of this machine from its own address. */
export function speakFrom(address: string): void {
  const connect = Socket.prototype.connect as (this: Socket, ...parameters: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...parameters: unknown[]) {
    return connect.apply(this, withLocalAddress(parameters, address));
  };
}

interface Target {
  readonly host?: string;
  readonly port?: number;
  readonly localAddress?: string;
}

/** The three forms that `connect` takes: an object, what `net.connect` has normalised, and port with host. */
function withLocalAddress(parameters: unknown[], localAddress: string): unknown[] {
  const [first, ...rest] = parameters;
  if (Array.isArray(first)) {
    const [target] = first as [Target];
    if (isLocal(target)) first[0] = { ...target, localAddress };
    return parameters;
  }
  if (typeof first === "object" && first !== null) {
    return isLocal(first) ? [{ ...first, localAddress }, ...rest] : parameters;
  }
  const [host, ...others] = rest;
  const target = { port: Number(first), host: String(host) };
  return isLocal(target) ? [{ ...target, localAddress }, ...others] : parameters;
}

function isLocal({ host, port, localAddress }: Target): boolean {
  return host === "127.0.0.1" && port !== undefined && localAddress === undefined;
}
