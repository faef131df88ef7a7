import type { Entry } from "../history.ts";
import { type CreateJudge, incomplete } from "./invariant.ts";

/** After a flush, and for how long somebody must have been there to be shown as online. */
const rightWithinMs = 15_000;
/** So long somebody who left may be shown as online, and a moment for what is measured at two ends. */
const falselyOnlineMs = 36_000;

/** 13: what the directory says of everybody, 15 s after the cache was flushed. No answer is a wrong one. */
export const judgeDirectory: CreateJudge = (ledger, report) => {
  /** Person → devices with an open notification socket, and since when somebody is steadily there or not. */
  const people = new Map<string, { readonly sockets: Set<string>; since: number; line: number }>();
  let flushed: { t: number; line: number; isLookedAt: boolean } | undefined;

  function move(entry: Extract<Entry, { kind: "opened" | "closed" }>, line: number): void {
    const id = ledger.personOf.get(entry.device) ?? "";
    const person = people.get(id) ?? { sockets: new Set(), since: 0, line: 0 };
    people.set(id, person);
    const wasOnline = person.sockets.size > 0;
    if (entry.kind === "opened") person.sockets.add(entry.device);
    else person.sockets.delete(entry.device);
    if (wasOnline === person.sockets.size > 0) return;
    person.since = entry.t;
    person.line = line;
  }

  function judge(entry: Extract<Entry, { kind: "directory" }>, line: number): void {
    const { device, askedAt } = entry;
    if (!entry.people) {
      report(13, `${device} got no directory after the flush`, flushed?.line, line);
      return;
    }
    for (const id of ledger.people) {
      const {
        sockets,
        since,
        line: personLine,
      } = people.get(id) ?? { sockets: { size: 0 }, since: 0, line: 0 };
      const expected = sockets.size > 0 ? "online" : "offline";
      const steadyMs = askedAt - since;
      if (steadyMs < (expected === "online" ? rightWithinMs : falselyOnlineMs)) continue;
      const shown = entry.people[id] ?? "not there";
      if (shown === expected) continue;
      report(
        13,
        `after the flush ${device} saw ${id} ${shown} and not ${expected}`,
        flushed?.line,
        personLine,
        line,
      );
    }
  }

  function expectLook(line: number): void {
    if (flushed && !flushed.isLookedAt) {
      report(incomplete, "nobody looked at the directory 15 s after the flush", flushed.line, line);
    }
    flushed = undefined;
  }

  return {
    take(entry, line) {
      if ((entry.kind === "opened" || entry.kind === "closed") && entry.socket === "online")
        move(entry, line);
      else if (entry.kind === "directory" && flushed && entry.askedAt - flushed.t >= rightWithinMs) {
        flushed.isLookedAt = true;
        judge(entry, line);
      } else if (entry.kind === "healed" && entry.flushed) flushed = { t: entry.t, line, isLookedAt: false };
      else if (entry.kind === "injected" || entry.kind === "quiet" || entry.kind === "end") expectLook(line);
    },
    finish() {},
  };
};
