import type { ServiceName } from "@gochat/contracts/events/event";
import { StartError } from "@gochat/database/start-error";
import { readSettings } from "@gochat/runtime/settings";
import { expect, test } from "vitest";
import { refuseIncomplete } from "./refusals.ts";
import { chooseServices } from "./services.ts";

const broker = { BROKER_URL: "amqp://gochat:Zk3-vJ9_x@broker" };
const cache = { CACHE_URL: "redis://:Zk3-vJ9_x@cache" };
const keys = { KEYS_FILE: "keys.json" };
const publicKeys = { PUBLIC_KEYS_FILE: "public-keys.json" };

function check(names: readonly ServiceName[], environment: Readonly<Record<string, string>>): void {
  refuseIncomplete(readSettings(environment), chooseServices(names), names.length === 0);
}

test.each([
  ["apart without a broker", ["messages"], { ...cache, ...publicKeys }, "set BROKER_URL, or name no service"],
  [
    "apart without the cache that it uses",
    ["users"],
    { ...broker, ...publicKeys },
    "users uses it: set CACHE_URL",
  ],
  ["apart without keys", ["chat"], broker, "set KEYS_FILE for auth and PUBLIC_KEYS_FILE for the others"],
  ["whole beside others, without keys", [], broker, "set KEYS_FILE for auth"],
] as const)("refused in a sentence that says what to do: %s", (_what, names, environment, sentence) => {
  expect(() => check(names, environment)).toThrow(StartError);
  expect(() => check(names, environment)).toThrow(sentence);
});

test.each([
  ["whole, with nothing given", [], {}],
  ["whole, with a database only", [], { DATABASE_URL: "postgres://gochat@db/gochat" }],
  ["whole, with a cache only", [], cache],
  ["whole, with everything", [], { ...broker, ...cache, ...keys }],
  ["auth and chat, which use no cache", ["auth", "chat"], { ...broker, ...keys }],
  ["messages apart", ["messages"], { ...broker, ...cache, ...publicKeys }],
] as const)("starts: %s", (_what, names, environment) => {
  expect(() => check(names, environment)).not.toThrow();
});
