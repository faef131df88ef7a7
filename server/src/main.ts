import { StartError } from "@gochat/database/start-error";
import { readSettings } from "@gochat/runtime/settings";
import { type RunningGoChat, startGoChat } from "./gochat.ts";

/** A stop in order that takes longer than this goes on in haste; what was acknowledged is on disk. */
const orderlyStopMs = 12_000;
/** And one that hangs even then is ended by force, which still asks PostgreSQL to stop. */
const stopTimeoutMs = 15_000;

async function start(): Promise<RunningGoChat> {
  const began = performance.now();
  // A person at a terminal wants the address, not log lines, unless something is wrong.
  const defaults = process.stdout.isTTY ? { LOG_LEVEL: "warn" } : {};
  const gochat = await startGoChat(readSettings({ ...defaults, ...process.env }), process.argv.slice(2));
  for (const [part, description] of Object.entries(gochat.descriptions)) {
    console.log(`  ${part.padEnd(10)}${description}`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`\nGoChat is ready after ${seconds} s: ${gochat.url}`);
  return gochat;
}

interface StopSignals {
  /** Resolves at the first signal; also one that comes while GoChat still starts. */
  readonly asked: Promise<void>;
  /** Aborted at the second. */
  readonly haste: AbortController;
}

/** A closed terminal (SIGHUP) asks as well. No signal ends the process by itself: PostgreSQL would stay behind. */
function listenForStop(): StopSignals {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const haste = new AbortController();
  let isAsked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (isAsked) haste.abort();
      isAsked = true;
      resolve();
    });
  }
  return { asked, haste };
}

try {
  const { asked, haste } = listenForStop();
  const gochat = await start();
  await asked;
  setTimeout(() => haste.abort(), orderlyStopMs).unref();
  setTimeout(() => process.exit(1), stopTimeoutMs).unref();
  await gochat.stop(haste.signal);
  // What was not waited for, such as a request in hand, must not keep the process.
  if (haste.signal.aborted) process.exit(1);
} catch (error) {
  console.error(error instanceof StartError ? `GoChat did not start. ${error.message}` : error);
  process.exitCode = 1;
}
