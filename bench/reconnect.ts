import { setTimeout as sleep } from "node:timers/promises";
import { sumOf, twoByTwo } from "./counts.ts";
import { openCrowd } from "./crowd/crowd.ts";
import { fillConversations } from "./fill/conversations.ts";
import { type FilledPerson, fillPeople, seatOf } from "./fill/people.ts";
import { type Findings, type Options, type Run, scaled } from "./scenario.ts";
import type { StackTarget } from "./stack-process.ts";
import type { Target } from "./target.ts";

const openTimeoutMs = 90_000;
const backTimeoutMs = 90_000;
const messagesEach = 3;
/** One of so many has missed the newest message: these must get a head, and nobody else. */
const missedByOneOf = 100;
const settleMs = 1_000;

/** Everybody's chat node dies at once (both of the stack's); they come back with the jitter of the web client. */
export async function benchReconnect(options: Options, run: Run): Promise<Findings> {
  const stack = await run.stack.get();
  const people = await fillPeople(stack, scaled(10_000, options, 10), "returning");
  const greetings = await greetingsOf(stack, people);
  const missed = greetings.filter(({ heads }) =>
    Object.values(heads).some((seq) => seq < messagesEach),
  ).length;
  await using crowd = openCrowd(
    people.map((person) => seatOf(stack, person)),
    // Whoever gets a head that is news to him would have to ask for history.
    { comesBack: true, greetings },
  );
  await crowd.until(({ open, frames }) => open >= people.length && newsIn(frames) >= missed, openTimeoutMs);
  const newsBefore = newsIn(crowd.state.frames);
  const began = performance.now();
  killChatNodes(stack);
  await crowd.until(({ closed }) => sumOf(closed) >= people.length, backTimeoutMs);
  await crowd.until(({ open }) => open >= people.length, backTimeoutMs);
  const backAfterMs = performance.now() - began;
  await crowd.until(({ frames }) => newsIn(frames) >= newsBefore + missed, backTimeoutMs);
  await sleep(settleMs);
  const { closed, failed, frames } = crowd.state;
  const unexpected = newsIn(frames) - 2 * missed;
  return {
    figures: [
      {
        what: "reconnect: all sockets back after",
        value: backAfterMs / 1_000,
        unit: "s",
      },
      { what: "reconnect: sockets that had been closed", value: sumOf(closed), unit: "" },
      { what: "reconnect: attempts that failed", value: failed, unit: "" },
      { what: "reconnect: heads for those who missed something", value: missed, unit: "" },
      { what: "reconnect: heads that would lead to a history query of others", value: unexpected, unit: "" },
    ],
  };
}

interface Greeting {
  readonly type: "resume";
  readonly heads: Readonly<Record<string, number>>;
}

/** Each has a conversation with a neighbour, and nearly everybody has all of it; what they say when they come back. */
async function greetingsOf(target: Target, people: readonly FilledPerson[]): Promise<Greeting[]> {
  const ids = await fillConversations(target, twoByTwo(people), messagesEach);
  return people.map((_, index) => {
    const id = ids[Math.floor(index / 2)];
    const has = index % missedByOneOf === 0 ? messagesEach - 1 : messagesEach;
    return { type: "resume", heads: id === undefined ? {} : { [id]: has } };
  });
}

function killChatNodes(stack: StackTarget): void {
  for (const { pid } of stack.state().services.chat) process.kill(pid, "SIGKILL");
}

function newsIn({ news = 0 }: Readonly<Record<string, number>>): number {
  return news;
}
