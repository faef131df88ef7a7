import type { Message } from "@gochat/contracts/http/conversations";
import { expect, it } from "vitest";
import { sayNext } from "./Announcer.tsx";

const written = (...senders: string[]) =>
  senders.map((senderId, index) => ({ seq: index + 1, senderId, body: `${index + 1}` })) as Message[];
const after = (senders: string[], seen: number) => {
  const messages = written(...senders);
  const before = sayNext(undefined, messages.slice(0, seen), "ana");
  return sayNext(before, messages, "ana")?.news.map(({ body }) => body);
};

it.each([
  ["not what was there", ["bob", "bob"], 2, []],
  ["what came", ["bob", "bob"], 1, ["2"]],
  ["all that came at once, and nothing of one's own", ["bob", "bob", "ana", "bob", "ana"], 1, ["2", "4"]],
  ["the last three of many", ["bob", "bob", "bob", "bob", "bob"], 1, ["3", "4", "5"]],
])("says %s", (_what, senders, seen, expected) => {
  expect(after(senders, seen)).toEqual(expected);
});

it("goes on saying it until something else comes, whatever older messages are fetched", () => {
  const messages = written("bob", "bob", "bob");
  const said = sayNext(sayNext(undefined, messages.slice(1, 2), "ana"), messages.slice(1), "ana");
  expect(sayNext(said, messages, "ana")).toBe(said);
  expect(said?.news.map(({ body }) => body)).toEqual(["3"]);
});
