import { StartError } from "@gochat/database/start-error";
import { expect, test } from "vitest";
import { readServiceUrls, withoutEngines } from "./service-urls.ts";

test("each service may have a database and a user of the broker of its own", () => {
  const DATABASE_URL_MESSAGES = "postgres://messages:Zk3-vJ9_x@db/messages";
  const BROKER_URL_CHAT = "amqp://chat:Zk3-vJ9_x@broker/gochat";
  const given = readServiceUrls({
    DATABASE_URL_MESSAGES,
    BROKER_URL_CHAT,
    DATABASE_URL: "x",
    BROKER_URL_FILE: "y",
  });
  expect(given.messages).toEqual({ DATABASE_URL: DATABASE_URL_MESSAGES, BROKER_URL: undefined });
  expect(given.chat).toEqual({ DATABASE_URL: undefined, BROKER_URL: BROKER_URL_CHAT });
});

test.each([
  [{ DATABASE_URL_MESAGES: "postgres://db" }, "DATABASE_URL_MESAGES is not a setting of the stack"],
  [{ CACHE_URL_CHAT: "redis://cache" }, "CACHE_URL_CHAT is not a setting of the stack"],
  [{ BROKER_URL_CHATS_FILE: "/url" }, "BROKER_URL_CHATS_FILE is not a setting of the stack"],
  [{ BROKER_URL_CHAT: "http://broker" }, "BROKER_URL_CHAT must be an address that begins with amqp:"],
  [
    { DATABASE_URL_AUTH_FILE: "/nowhere/url" },
    "DATABASE_URL_AUTH_FILE names /nowhere/url, which cannot be read",
  ],
])("%o is refused in a sentence", (environment, sentence) => {
  expect(() => readServiceUrls(environment)).toThrow(StartError);
  expect(() => readServiceUrls(environment)).toThrow(sentence);
});

test("a node is told its own engines and keys only", () => {
  const kept = { LOG_LEVEL: "warn", DATABASE: "x" };
  const dropped = {
    DATABASE_URL: "a",
    DATABASE_URL_FILE: "b",
    BROKER_URL_CHAT: "c",
    CACHE_URL_FILE: "d",
    KEYS_FILE: "e",
    PUBLIC_KEYS_FILE: "f",
  };
  expect(withoutEngines({ ...kept, ...dropped })).toEqual(kept);
});
