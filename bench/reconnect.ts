import { openCrowd } from "./crowd/crowd.ts";
import { fillConversations } from "./fill/conversations.ts";
import { type FilledPerson, fillPeople, seatOf } from "./fill/people.ts";
import { type Findings, type Options, type Run, scaled } from "./scenario.ts";
import type { StackTarget } from "./stack-process.ts";
import type { Target } from "./target.ts";

const openTimeoutMs = 90_000;
const backTimeoutMs = 90_000;
const messagesEach = 3;

/** Everybody's chat node dies at once (both of the stack's); they come back with the jitter of the web client. */
export async function benchReconnect(options: Options, run: Run): Promise<Findings> {
  const stack = await run.stack.get();
  const people = await fillPeople(stack, scaled(10_000, options, 10), "returning");
  await using crowd = openCrowd(
    people.map((person) => seatOf(stack, person)),
    // Nobody has missed anything: whoever gets a head for an answer would have to ask for history.
    { comesBack: true, greetings: await talksOf(stack, people) },
  );
  await crowd.until(({ open }) => open >= people.length, openTimeoutMs);
  const began = performance.now();
  killChatNodes(stack);
  await crowd.until(({ closed }) => sumOf(closed) >= people.length, backTimeoutMs);
  await crowd.until(({ open }) => open >= people.length, backTimeoutMs);
  const { closed, failed, frames } = crowd.state;
  return {
    figures: [
      {
        what: "reconnect: all sockets back after",
        value: (performance.now() - began) / 1_000,
        unit: "s",
      },
      { what: "reconnect: sockets that had been closed", value: sumOf(closed), unit: "" },
      { what: "reconnect: attempts that failed", value: failed, unit: "" },
      { what: "reconnect: heads that would lead to a history query", value: frames.news ?? 0, unit: "" },
    ],
  };
}

/** Each has a conversation with a neighbour and has all of it; what they say when they come back. */
async function talksOf(target: Target, people: readonly FilledPerson[]): Promise<object[]> {
  const pairs = Array.from(
    { length: Math.floor(people.length / 2) },
    (_, index) => [people[2 * index]!, people[2 * index + 1]!] as const,
  );
  const ids = await fillConversations(target, pairs, messagesEach);
  return people.map((_, index) => {
    const id = ids[Math.floor(index / 2)];
    return { type: "resume", heads: id === undefined ? {} : { [id]: messagesEach } };
  });
}

function killChatNodes(stack: StackTarget): void {
  for (const { pid } of stack.state().services.chat) process.kill(pid, "SIGKILL");
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
