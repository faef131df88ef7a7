import type { MessageSent } from "@gochat/contracts/events/message-events";
import { expect, test } from "vitest";
import { SendOrder } from "./send-order.ts";

const event = (place?: number, after?: number, socket = "1") =>
  ({ node: "n", socket, place, after }) as MessageSent;

test("what comes behind a missing message is early, and what follows that", () => {
  const order = new SendOrder();
  const [second, third, elsewhere] = [event(2, 1), event(3, 2), event(1, undefined, "2")];
  expect([...order.early([second, elsewhere, third])]).toEqual([second, third]);
  expect([...order.early([event(1), second, third])]).toEqual([]);
});

test("what was dealt with is remembered, by socket and place", () => {
  const order = new SendOrder();
  order.settle(event(1));
  expect(order.early([event(2, 1)]).size).toBe(0);
  expect(order.early([event(2, 1, "2")]).size).toBe(1);
});

test("a message without a place is never early, and nothing follows it", () => {
  const order = new SendOrder();
  order.settle(event());
  expect(order.early([event()]).size).toBe(0);
});

test("no more is remembered than twice its size", () => {
  const order = new SendOrder(2);
  for (const place of [1, 2, 3]) order.settle(event(place));
  expect(order.early([event(9, 1)]).size).toBe(0);
  order.settle(event(4));
  expect([order.early([event(9, 1)]).size, order.early([event(9, 3)]).size]).toEqual([1, 0]);
});
