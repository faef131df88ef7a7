import { expect, test } from "vitest";
import { networkOf, throttle, waitAfter } from "./sign-in-throttle.ts";

const since = new Date("2030-01-01T00:00:00.000Z");
const now = since.getTime() + 60_000;

test("ten attempts are free", () => {
  expect(waitAfter({ failures: 10, since }, throttle.maxFailures, now)).toBe(0);
});

test("the eleventh waits until the window is over", () => {
  expect(waitAfter({ failures: 11, since }, throttle.maxFailures, now)).toBe(14 * 60_000);
});

test("a wait is never shorter than a second", () => {
  const end = since.getTime() + throttle.windowMs;
  expect(waitAfter({ failures: 11, since }, throttle.maxFailures, end)).toBe(1000);
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:db8::9", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
  [null, ""],
])("%s is of the network %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
