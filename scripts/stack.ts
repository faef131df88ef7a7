import { parseArgs } from "node:util";
import { StartError } from "@gochat/database/start-error";
import { startStack } from "@gochat/stack/stack";
import { type StackState, writeState } from "@gochat/stack/state";

/**
 * The whole cluster on this machine: PostgreSQL, RabbitMQ and Redis, the services as processes of their own, NGINX in
 * front of them on PORT. For development, tests and measurements.
 */
const usage = "npm run stack -- [--data FOLDER] [--state FILE]";

/** A stop in order may take the services 15 s, then the engines theirs; what hangs even then is left to the watchdog. */
const stopTimeoutMs = 40_000;

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { data: { type: "string" }, state: { type: "string" } } });
  const keepState = (state: StackState) => values.state !== undefined && writeState(values.state, state);
  const began = performance.now();
  const stop = listenForStop();
  await using stack = await startStack({
    folder: values.data,
    environment: process.env,
    onChange: keepState,
    log: (line) => console.error(line),
  });
  keepState(stack.state);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`  logs      ${stack.folder}/*/engine.log`);
  console.log(`\nGoChat is ready after ${seconds} s: ${stack.url}`);
  await stop;
  setTimeout(() => process.exit(1), stopTimeoutMs).unref();
}

/** Resolves at the first signal. A second one means at once: the watchdog ends what is left. */
function listenForStop(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isAsked = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (isAsked) process.exit(1);
      isAsked = true;
      resolve();
    });
  }
  return promise;
}

try {
  await run();
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code?.startsWith("ERR_PARSE_ARGS")) console.error(usage);
  else console.error(error instanceof StartError ? `The stack did not start. ${message}` : error);
  process.exitCode = 1;
}
