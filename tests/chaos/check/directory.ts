import type { Entry } from "../history.ts";
import { Attendance, falselyOnlineMs, slackMs } from "./attendance.ts";
import { type CreateJudge, incomplete } from "./invariant.ts";

/** After a flush, and for how long somebody must have been there to be shown as online. */
const rightWithinMs = 15_000;

/** 13: what the directory says of everybody, 15 s after the cache was flushed. No answer is a wrong one. */
export const judgeDirectory: CreateJudge = (ledger, report) => {
  const attendance = new Attendance();
  let flushed: { t: number; line: number; isLookedAt: boolean } | undefined;

  function judge(entry: Extract<Entry, { kind: "directory" }>, line: number): void {
    const { device, askedAt } = entry;
    if (!entry.people) {
      report(13, `${device} got no directory after the flush`, flushed?.line, line);
      return;
    }
    for (const id of ledger.people) {
      const person = attendance.of(id);
      const expected = person.sockets.size > 0 ? "online" : "offline";
      const steadyMs = askedAt - person.since;
      if (steadyMs < (expected === "online" ? rightWithinMs : falselyOnlineMs + slackMs)) continue;
      const shown = entry.people[id] ?? "not there";
      if (shown === expected) continue;
      report(
        13,
        `after the flush ${device} saw ${id} ${shown} and not ${expected}`,
        flushed?.line,
        person.line,
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
      if ((entry.kind === "opened" || entry.kind === "closed") && entry.socket === "online") {
        attendance.move(ledger.personOf.get(entry.device) ?? "", entry, entry.t, line);
      } else if (entry.kind === "directory" && flushed && entry.askedAt - flushed.t >= rightWithinMs) {
        flushed.isLookedAt = true;
        judge(entry, line);
      } else if (entry.kind === "healed" && entry.flushed) flushed = { t: entry.t, line, isLookedAt: false };
      else if (entry.kind === "injected" || entry.kind === "quiet" || entry.kind === "end") expectLook(line);
    },
    finish() {},
  };
};
