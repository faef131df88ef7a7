import { Attendance, falselyOfflineMs, falselyOnlineMs, slackMs } from "./attendance.ts";
import type { CreateJudge } from "./invariant.ts";

/** After these the services need a moment to find the engine again. */
const graceMs: Readonly<Record<string, number>> = {
  postgres: 10_000,
  rabbitmq: 10_000,
  partition: 10_000,
  cache: 0,
};

interface Belief {
  readonly status: "online" | "offline" | "unknown";
  readonly since: number;
  readonly line: number;
}

/** 13: what devices believe of people, against the sockets that those people really had open. */
export const judgePresence: CreateJudge = (ledger, report) => {
  const attendance = new Attendance();
  /** Observing device → person → what it believes. Empty again with each connection. */
  const beliefs = new Map<string, Map<string, Belief>>();
  const struck = new Set<string>();
  let calmMs = 0;
  let calmFrom = 0;

  /** A clock that stands still while presence cannot be right. */
  function calmAt(t: number): number {
    return calmMs + (struck.size > 0 ? 0 : Math.max(0, t - calmFrom));
  }

  /** The belief, or the fact, ends here: was it wrong for too long? */
  function settle(device: string, id: string, now: number, line: number): void {
    const belief = beliefs.get(device)?.get(id);
    if (!belief || belief.status === "unknown") return;
    const person = attendance.of(id);
    const isOnline = person.sockets.size > 0;
    if (isOnline === (belief.status === "online")) return;
    const wrongMs = now - Math.max(belief.since, person.since);
    const allowedMs = isOnline ? falselyOfflineMs : falselyOnlineMs;
    if (wrongMs <= allowedMs + slackMs) return;
    const seconds = (wrongMs / 1000).toFixed(1);
    const text = `${device} saw ${id} ${belief.status} for ${seconds} s while that was wrong`;
    report(13, text, person.line, belief.line, line);
  }

  return {
    take(entry, line) {
      const now = calmAt(entry.t);
      if (entry.kind === "presence") {
        settle(entry.device, entry.person, now, line);
        const ofDevice = beliefs.get(entry.device);
        // Who is told the same wrong thing again has believed it since the first time.
        if (ofDevice?.get(entry.person)?.status !== entry.status) {
          ofDevice?.set(entry.person, { status: entry.status, since: now, line });
        }
      } else if ((entry.kind === "opened" || entry.kind === "closed") && entry.socket === "online") {
        const id = ledger.personOf.get(entry.device) ?? "";
        if (entry.kind === "opened") beliefs.set(entry.device, new Map());
        else {
          for (const other of beliefs.get(entry.device)?.keys() ?? []) settle(entry.device, other, now, line);
          beliefs.delete(entry.device);
        }
        for (const observer of beliefs.keys()) settle(observer, id, now, line);
        attendance.move(id, entry, now, line);
      } else if (entry.kind === "injected" && entry.struck in graceMs) {
        calmMs = now;
        struck.add(entry.fault);
      } else if (entry.kind === "healed" && struck.delete(entry.fault)) {
        calmFrom = entry.t + (graceMs[entry.struck] ?? 0);
      } else if (entry.kind === "end") {
        for (const [device, ofDevice] of beliefs)
          for (const id of ofDevice.keys()) settle(device, id, now, line);
      }
    },
    finish() {},
  };
};
