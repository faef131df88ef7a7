import { expect, test } from "vitest";
import { BrokerRefusedError } from "../broker.ts";
import { readAddress } from "./address.ts";

test("an address is read with what is escaped in it, and gets a heartbeat", () => {
  expect(readAddress("amqp://a%25b:Zk3@broker:5673/go%2Fchat")).toEqual({
    url: "amqp://a%25b:Zk3@broker:5673/go%2Fchat?heartbeat=10",
    place: "broker:5673",
    user: "a%b",
    virtualHost: "go/chat",
  });
  expect(readAddress("amqps://broker?heartbeat=5")).toMatchObject({ user: "", virtualHost: "/" });
});

test.each([
  ["http://broker", "must be like amqp://"],
  ["amqp://a%:b@h", "has a % that must be written as %25."],
  ["amqp://a:b@h/100%", "has a % that must be written as %25."],
  ["amqp://a:b%@h", "has a % that must be written as %25."],
])("%s is refused in a sentence", (url, sentence) => {
  expect(() => readAddress(url)).toThrow(BrokerRefusedError);
  expect(() => readAddress(url)).toThrow(sentence);
});
