import { setTimeout as sleep } from "node:timers/promises";
import { type Absences, startAbsences } from "./drive/absences.ts";
import { untilAcknowledged } from "./drive/acknowledged.ts";
import { type Crowd, gatherCrowd } from "./drive/crowd.ts";
import type { DeviceOptions } from "./drive/device.ts";
import { fallSilent } from "./drive/fall-silent.ts";
import { createNetwork, type Network } from "./drive/network.ts";
import { readHistories } from "./drive/read-back.ts";
import { startTraffic } from "./drive/traffic.ts";
import { writeDeadLetters } from "./faults/dead-letters.ts";
import type { ChosenFault } from "./faults/faults.ts";
import { type HistoryWriter, writeHistory } from "./history-file.ts";
import type { System } from "./system/system.ts";

export interface RunOptions {
  readonly system: System;
  readonly historyFile: string;
  readonly seed: number;
  readonly minutes: number;
  /** Struck one after the other, then for as long as there is time in a random order. */
  readonly faults: readonly ChosenFault[];
  readonly people: number;
  readonly devicesPerPerson: number;
  readonly conversations: number;
  readonly messagesPerSecond: number;
  /** Before and after each fault. */
  readonly calmMs: number;
  /** No calm: in a random order, the next fault a moment after a message was acknowledged again. */
  readonly hurries?: boolean;
  /** Fewer silences, and nobody is waited for who is away for long. */
  readonly isShort?: boolean;
  readonly omits?: DeviceOptions["omits"];
  readonly onProgress?: (text: string) => void;
}

/** So often everything falls silent, to see whether everybody gets everything without a new message. */
const faultsBetweenQuiet = { short: 3, calm: 1, hurried: 50 };
const longestMomentMs = 300;
/** A moment more than the time within which presence must be right after a flush. */
const afterFlushMs = 15_100;
const tickMs = 200;

/** Plays people against a GoChat while faults strike it, and writes down what they do and see. */
export async function run(options: RunOptions): Promise<void> {
  const { system, onProgress = () => {} } = options;
  await using history = writeHistory(options.historyFile);
  await using network = await createNetwork(system);
  const crowd = await gatherCrowd({
    ...options,
    mode: system.mode,
    history,
    url: system.url,
    networkOf: () => network.url,
  });
  for (const { socket } of [...crowd.devices, ...crowd.online]) socket.start();
  const absences = startAbsences(crowd);
  const ticking = setInterval(() => {
    for (const device of crowd.devices) device.tick();
  }, tickMs);
  try {
    await strikeAll(options, crowd, absences, network, history);
    await Promise.all(crowd.online.map((one) => one.look()));
    onProgress("reading everything back");
    history.write({ kind: "end" });
    await readHistories(crowd, history);
    writeDeadLetters(history, await system.deadLetters());
  } finally {
    clearInterval(ticking);
    absences.stop();
    for (const { socket } of [...crowd.devices, ...crowd.online]) socket.stop();
  }
}

async function strikeAll(
  options: RunOptions,
  crowd: Crowd,
  absences: Absences,
  network: Network,
  history: HistoryWriter,
): Promise<void> {
  const {
    system,
    messagesPerSecond,
    calmMs,
    hurries = false,
    isShort = false,
    onProgress = () => {},
  } = options;
  const { random } = crowd;
  const faults = hurries ? random.shuffle(options.faults) : options.faults;
  const untilQuiet = faultsBetweenQuiet[hurries ? "hurried" : isShort ? "short" : "calm"];
  const rest = async () => {
    await sleep(hurries ? random.next() * longestMomentMs : calmMs);
  };
  const endsAt = history.now() + options.minutes * 60_000;
  let traffic = startTraffic({ crowd, messagesPerSecond });
  try {
    for (let struck = 0; struck < faults.length || history.now() < endsAt; struck++) {
      if (!hurries) await rest();
      const chosen = struck < faults.length ? faults[struck] : random.pick(faults);
      if (chosen) {
        const { name, fault } = chosen;
        onProgress(`${struck + 1} of ${Math.max(struck + 1, faults.length)}: ${name}`);
        history.write({ kind: "injected", fault: name, struck: fault.struck });
        absences.beforeFault();
        await fault.strike({ system, network, random, history });
        const flushed = fault.flushes && { flushed: fault.flushes };
        history.write({ kind: "healed", fault: name, struck: fault.struck, ...flushed });
        const looking = fault.flushes && sleep(afterFlushMs).then(() => lookAtDirectory(crowd));
        absences.afterFault();
        await untilAcknowledged(crowd, hurries ? "anybody" : "everybody");
        await rest();
        await looking;
      }
      if (struck % untilQuiet === untilQuiet - 1) {
        traffic.stop();
        await fallSilent(system, crowd, history, onProgress);
        history.write({ kind: "resumed" });
        traffic = startTraffic({ crowd, messagesPerSecond });
      }
    }
    if (!isShort) await absences.over();
  } finally {
    traffic.stop();
  }
  onProgress("quiet");
  await fallSilent(system, crowd, history, onProgress);
}

async function lookAtDirectory({ online }: Crowd): Promise<void> {
  await Promise.all(online.map((one) => one.judgeDirectory()));
}
