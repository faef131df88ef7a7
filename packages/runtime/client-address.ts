import type { IncomingMessage } from "node:http";
import { isIPv6 } from "node:net";
import proxyAddr from "@fastify/proxy-addr";

/** Whether the proxy at this address is believed where it says in X-Forwarded-For for whom it asks. */
export type IsTrusted = (address: string) => boolean;

/** Takes addresses, ranges (CIDR) and the word `loopback`. */
export function trustProxies(proxies: readonly string[]): IsTrusted {
  if (proxies.length === 0) return () => false;
  const isTrusted = proxyAddr.compile([...proxies]);
  return (address) => isTrusted(address, 0);
}

/** The right-most address that is no trusted proxy: what stands to the left of it anybody can write. */
export function clientAddress(request: IncomingMessage, isTrusted: IsTrusted): string {
  return proxyAddr(request, isTrusted) ?? "";
}

const groupCount = 8;
const groupsOfNetwork = 4;

/** By what a guest is counted: an IPv4 address, and of IPv6 the /64, all of which one subscriber has (RFC 6177). */
export function callerOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  if (!isIPv6(plain)) return plain;
  const [head = [], tail = []] = plain.split("::").map((part) => part.split(":").filter(Boolean));
  const zeros = Array.from({ length: Math.max(0, groupCount - head.length - tail.length) }, () => "0");
  const network = [...head, ...zeros, ...tail].slice(0, groupsOfNetwork);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
