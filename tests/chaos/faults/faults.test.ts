import { expect, test } from "vitest";
import { failpoints } from "../armed/failpoints.ts";
import { chooseFaults, needsNamespace } from "./faults.ts";

const namesOf = (...parameters: Parameters<typeof chooseFaults>) =>
  chooseFaults(...parameters).map(({ name }) => name);

test("faults are named with commas, so many times, and two at once", () => {
  expect(namesOf("embedded", "kill*2,network")).toEqual(["kill", "kill", "network"]);
  expect(chooseFaults("stack", "kill-chat+rabbitmq-killed")).toMatchObject([
    { name: "kill-chat+rabbitmq-killed", fault: { struck: "rabbitmq" } },
  ]);
  expect(namesOf("stack", "none")).toEqual([]);
  expect(namesOf("stack", "all")).not.toContain("kill");
});

test("a group stands for several faults, so many times each", () => {
  expect(namesOf("stack", "kills*2,network")).toEqual([
    "kill-messages",
    "kill-chat",
    "kill-messages",
    "kill-chat",
    "network",
  ]);
  expect(namesOf("embedded", "kills*3")).toEqual(["kill", "kill", "kill"]);
  expect(namesOf("embedded", "crashes*50")).toHaveLength(50 * failpoints.length);
});

test.each(["embedded", "stack"] as const)("all of %s has every fault, and two at once", (mode) => {
  const names = namesOf(mode, "all");
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.includes("+")).length).toBeGreaterThan(2);
  expect(names).toEqual(expect.arrayContaining(["poison", "network", "wrong-clock", "postgres-locked"]));
});

test("a process can be made to die at each failpoint", () => {
  for (const failpoint of failpoints) expect(namesOf("embedded", `crash:${failpoint}`)).toHaveLength(1);
});

test("an unknown fault is an error that names the known ones", () => {
  expect(() => chooseFaults("embedded", "kill-chat")).toThrow(/no fault kill-chat.*postgres-killed/);
});

test("only what spoils the network needs a namespace", () => {
  expect(needsNamespace("kill-chat,network")).toBe(false);
  expect(needsNamespace("kill-chat,partition:chat-rabbitmq")).toBe(true);
});
