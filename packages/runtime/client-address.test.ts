import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { callerOf, clientAddress, trustProxies } from "./client-address.ts";

const from = (remoteAddress: string, forwardedFor?: string) =>
  ({ socket: { remoteAddress }, headers: { "x-forwarded-for": forwardedFor } }) as unknown as IncomingMessage;

describe("the address of the client", () => {
  test.each([
    ["nobody is trusted", [], "127.0.0.1", "198.51.100.7", "127.0.0.1"],
    ["the proxy is trusted", ["loopback"], "127.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["an IPv6 socket carries IPv4", ["loopback"], "::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["the client makes up a hop", ["loopback"], "::1", "203.0.113.9, 198.51.100.7", "198.51.100.7"],
    [
      "there are two proxies",
      ["loopback", "10.0.0.0/8"],
      "::1",
      "1.2.3.4, 198.51.100.7, 10.1.2.3",
      "198.51.100.7",
    ],
    ["another machine pretends", ["10.0.0.1"], "192.0.2.1", "198.51.100.7", "192.0.2.1"],
    ["the proxy says nothing", ["loopback"], "127.0.0.1", undefined, "127.0.0.1"],
  ])("is the right-most that is not trusted, where %s", (_where, proxies, remote, forwarded, address) => {
    expect(clientAddress(from(remote, forwarded), trustProxies(proxies))).toBe(address);
  });
});

describe("a guest is counted", () => {
  test.each([
    ["198.51.100.7", "198.51.100.7"],
    ["::ffff:198.51.100.7", "198.51.100.7"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:db8::9", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["unknown", "unknown"],
  ])("from %s as %s", (address, caller) => {
    expect(callerOf(address)).toBe(caller);
  });
});
