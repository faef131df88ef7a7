import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { serviceNames } from "@gochat/contracts/events/event";
import { StartError } from "@gochat/database/start-error";
import { readSettings, type Settings } from "@gochat/runtime/settings";
import { startGoChat } from "./gochat.ts";
import { migrateServices } from "./migrate.ts";

/** A stop in order that takes longer than this goes on in haste; what was acknowledged is on disk. */
const orderlyStopMs = 12_000;
/** And one that hangs even then is ended by force, which still asks PostgreSQL to stop. */
const stopTimeoutMs = 15_000;

/** Settings for a person at a terminal, who wants the address, not log lines, unless something is wrong. */
const settingsDefaults = process.stdout.isTTY ? { LOG_LEVEL: "warn" } : {};

/** `gochat`, or `gochat messages` with any number of names. */
async function serve(settings: Settings, names: readonly string[], { asked, haste }: StopSignals) {
  const began = performance.now();
  const gochat = await startGoChat(settings, names, asked);
  for (const [part, description] of Object.entries(gochat.descriptions)) {
    console.log(`  ${part.padEnd(10)}${description}`);
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`\nGoChat is ready after ${seconds} s: ${gochat.url}`);
  if (names.length === 0 && !settings.publicUrl && !settings.listenAddress) {
    for (const url of networkUrls(gochat.url)) console.log(`Others in your network open ${url}`);
  }
  if (!asked.aborted) await once(asked, "abort");
  console.log("\nStopping. What was acknowledged is kept.");
  await gochat.stop(haste);
  // What was not waited for, such as a request in hand, must not keep the process.
  if (haste.aborted) process.exit(1);
}

/** `gochat migrate messages`: for a step before the start, such as an init container. */
async function migrate(settings: Settings, names: readonly string[], { asked }: StopSignals) {
  const migrated = await migrateServices(settings, names, asked);
  const those = migrated.length > 0 ? `of ${migrated.join(", ")}` : "of no service, since these own no data,";
  console.log(`The database ${those} is up to date.`);
}

/** Where the other devices of the same network reach what listens on every address of this machine. */
function networkUrls(url: string): string[] {
  const { port } = new URL(url);
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  return addresses
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => `http://${address}:${port}`);
}

const usage = `npm start                             all of GoChat in one process
npm start -- SERVICE …                these services of it: ${serviceNames.join(", ")}
npm start -- migrate [SERVICE …]      brings their databases up to date, and ends

Settings come from the environment, PORT=8080 for one; docs/running.md lists them.`;

interface StopSignals {
  /** Aborted at the first signal, also one that comes while GoChat still starts. */
  readonly asked: AbortSignal;
  /** Aborted at the second, or where stopping in order takes too long. */
  readonly haste: AbortSignal;
}

/** A closed terminal (SIGHUP) asks as well. No signal ends the process by itself: PostgreSQL would stay behind. */
function listenForStop(): StopSignals {
  const asking = new AbortController();
  const hasting = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (asking.signal.aborted) return hasting.abort();
      asking.abort();
      setTimeout(() => hasting.abort(), orderlyStopMs).unref();
      setTimeout(() => process.exit(1), stopTimeoutMs).unref();
    });
  }
  return { asked: asking.signal, haste: hasting.signal };
}

const signals = listenForStop();
try {
  const [first, ...others] = process.argv.slice(2);
  if (first === "--help" || first === "-h") console.log(usage);
  else {
    const settings = readSettings({ ...settingsDefaults, ...process.env });
    if (first === "migrate") await migrate(settings, others, signals);
    else await serve(settings, process.argv.slice(2), signals);
  }
} catch (error) {
  // Asked to stop, it no longer waits for what is not there.
  if (!signals.asked.aborted || (error as Error).name !== "AbortError") {
    console.error(error instanceof StartError ? `GoChat did not start. ${error.message}` : error);
    process.exitCode = 1;
  }
}
