import { once } from "node:events";
import { parseArgs } from "node:util";
import { StartError } from "@gochat/database/start-error";
import { startStack } from "@gochat/stack/stack";
import { checkStateFile, type StackState, writeState } from "@gochat/stack/state";

/**
 * The whole cluster on this machine: PostgreSQL, RabbitMQ and Redis, the services as processes of their own, NGINX in
 * front of them on PORT. For development, tests and measurements.
 */
const usage = `npm run stack -- [--data FOLDER] [--state FILE]

  --data FOLDER   keeps the data there; without it they are gone at the end
  --state FILE    writes where everything runs, as JSON, once it is ready and whenever that changes

Settings come from the environment, PORT=8080 for one; docs/running.md lists them.`;

/** A stop in order may take the services 15 s, then the engines theirs; what hangs even then is left to the watchdog. */
const stopTimeoutMs = 40_000;

async function run(stop: AbortSignal): Promise<void> {
  const { values } = parseArgs({
    options: { data: { type: "string" }, state: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(usage);
  if (values.state !== undefined) checkStateFile(values.state);
  const keepState = (state: StackState) => values.state !== undefined && writeState(values.state, state);
  const began = performance.now();
  await using stack = await startStack({
    folder: values.data,
    environment: process.env,
    signal: stop,
    onChange: keepState,
    log: (line) => console.error(line),
  });
  keepState(stack.state);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`  logs      ${stack.folder}/*/engine.log`);
  console.log(`\nGoChat is ready after ${seconds} s: ${stack.url}`);
  if (!stop.aborted) await once(stop, "abort");
}

/** Aborted at the first signal, also while the stack starts. A second means at once: the watchdog ends what is left. */
function listenForStop(): AbortSignal {
  const asking = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (asking.signal.aborted) process.exit(1);
      asking.abort();
      setTimeout(() => process.exit(1), stopTimeoutMs).unref();
    });
  }
  return asking.signal;
}

const stop = listenForStop();
try {
  await run(stop);
} catch (error) {
  const { name, code, message } = error as NodeJS.ErrnoException;
  // Asked to stop while it started, it has stopped.
  if (!stop.aborted || name !== "AbortError") {
    if (code?.startsWith("ERR_PARSE_ARGS")) console.error(`${message}\n\n${usage}`);
    else console.error(error instanceof StartError ? `The stack did not start. ${message}` : error);
    process.exitCode = 1;
  }
}
