import type { Entry } from "../history.ts";
import type { CreateJudge } from "./invariant.ts";
import { messagesOf } from "./ledger.ts";

/** How long after the last fault a device may take to have everything, while nothing new is sent. */
const convergeMs = 30_000;

interface DeviceLog {
  applied: number;
  line: number;
  /** Seen and past `applied`: position → line. */
  readonly ahead: Map<number, number>;
}

/** 7: what devices applied. */
export const judgeDevices: CreateJudge = (ledger, report) => {
  const logs = new Map<string, DeviceLog>();
  /** Device → since when it has no chat socket, and the line that says so. */
  const away = new Map<string, { t: number; line: number }>();
  let quietSince: { t: number; line: number } | undefined;

  function logOf(device: string, conversation: string): DeviceLog {
    const key = `${device} ${conversation}`;
    const log = logs.get(key) ?? { applied: 0, line: 0, ahead: new Map() };
    logs.set(key, log);
    return log;
  }

  function apply(entry: Extract<Entry, { kind: "stored" | "page" }>, line: number): void {
    const { device, conversation, applied } = entry;
    const log = logOf(device, conversation);
    for (const [seq] of messagesOf(entry)) if (seq > log.applied) log.ahead.set(seq, line);
    if (applied < log.applied) {
      report(7, `${device} went back from ${log.applied} to ${applied} in ${conversation}`, log.line, line);
      return;
    }
    for (let seq = log.applied + 1; seq <= applied; seq++) {
      if (!log.ahead.delete(seq)) {
        report(7, `${device} applied ${applied} of ${conversation} and never saw ${seq}`, log.line, line);
      }
    }
    if (applied > log.applied) log.line = line;
    log.applied = applied;
  }

  function compare(line: number, since: { t: number; line: number }, now: number): void {
    const seconds = ((now - since.t) / 1000).toFixed(1);
    for (const [device, person] of ledger.personOf) {
      const left = away.get(device);
      if (
        left &&
        left.t < since.t &&
        [...ledger.logs.values()].some(({ members }) => members.includes(person))
      ) {
        report(7, `${device} is not back after ${seconds} quiet seconds`, left.line, since.line, line);
      }
      for (const [conversation, { members }] of ledger.logs) {
        if (!members.includes(person)) continue;
        const head = ledger.headOf(conversation);
        const log = logOf(device, conversation);
        if (log.applied >= head) continue;
        report(
          7,
          `${device} has ${log.applied} of ${head} in ${conversation} after ${seconds} quiet seconds`,
          log.line,
          ledger.logs.get(conversation)?.places[log.applied + 1]?.line,
          since.line,
          line,
        );
      }
    }
  }

  return {
    take(entry, line) {
      if (entry.kind === "stored" || entry.kind === "page") apply(entry, line);
      else if (entry.kind === "run") {
        for (const device of Object.keys(entry.devices)) away.set(device, { t: entry.t, line });
      } else if (entry.kind === "opened" && entry.socket === "chat") away.delete(entry.device);
      else if (entry.kind === "closed" && entry.socket === "chat")
        away.set(entry.device, { t: entry.t, line });
      else if (entry.kind === "quiet") quietSince = { t: entry.t, line };
      else if (entry.kind === "healed" && quietSince) quietSince = { t: entry.t, line };
      else if (entry.kind === "settled") {
        // The driver says so early only when it believes that everything arrived.
        if (quietSince) compare(line, quietSince, entry.t);
        if (quietSince && entry.t - quietSince.t > convergeMs + 15_000) {
          report(7, "a quiet time lasted far longer than it may take", quietSince.line, line);
        }
        quietSince = undefined;
      }
    },
    finish() {},
  };
};
