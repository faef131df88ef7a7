import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { backOff } from "@gochat/broker/back-off";
import { isTransient } from "@gochat/database/database";
import { openFrontDoor } from "@gochat/runtime/front-door";
import { readKeys } from "@gochat/runtime/keys";
import { createLogger, type Logger } from "@gochat/runtime/logger";
import type { Settings } from "@gochat/runtime/settings";
import { type RunningServices, startServices } from "@gochat/runtime/start-services";
import { createTracing } from "@gochat/runtime/tracing";
import { openAdapters } from "./adapters.ts";
import { serveApiReference } from "./api-reference.ts";
import { refuseIncomplete } from "./refusals.ts";
import { chooseServices, services } from "./services.ts";
import { serveWebClient } from "./web-client.ts";

export interface RunningGoChat {
  readonly url: string;
  /** Part → what was chosen for it, in the order to print. */
  readonly descriptions: Readonly<Record<string, string>>;
  /** Stops in order. Once `haste` is aborted it no longer waits for services, only for the database to stop. */
  stop(haste: AbortSignal): Promise<void>;
}

/**
 * Starts the named services (none: all five) on the adapters that the settings ask for. Its port answers from the
 * beginning, while it waits for what is not there yet; `stopping` ends that waiting, and it rejects.
 */
export async function startGoChat(
  settings: Settings,
  names: readonly string[],
  stopping: AbortSignal,
): Promise<RunningGoChat> {
  const definitions = chooseServices(names);
  const isWhole = definitions.length === Object.keys(services).length;
  refuseIncomplete(settings, definitions, isWhole);
  const keys = await readKeys(settings);
  const nodeId = randomUUID();
  const logger = createLogger(settings.logLevel);
  await using opened = new AsyncDisposableStack();
  const door = await openFrontDoor(settings);
  opened.defer(() => door.close());
  const adapters = opened.use(
    await openAdapters({ settings, definitions, keys, nodeId, logger, door, signal: stopping }),
  );
  const tracing = await createTracing({ endpoint: settings.tracesEndpoint, logger });
  const start = () =>
    startServices({
      definitions,
      nodeId,
      settings,
      logger,
      ...adapters,
      tracing,
      // Services apart answer whoever reaches their ports: Prometheus does, people reach the proxy alone.
      metricsFor: isWhole ? "this machine" : "anyone",
      door,
      extend: async (app) => {
        if (!settings.production) await serveApiReference(app);
        if (isWhole) await serveWebClient(app);
      },
    });
  door.report("services");
  const running = await untilStarted(start, logger, stopping);
  const resources = opened.move();
  return {
    url: settings.publicUrl?.origin ?? running.url,
    descriptions: { services: definitions.map(({ name }) => name).join(", "), ...adapters.descriptions },
    stop: async (haste) => {
      await Promise.race([running.stop().then(() => tracing.close()), aborted(haste)]);
      await resources.disposeAsync();
    },
  };
}

/** What went away again in the middle of the start is waited for once more. */
async function untilStarted(
  start: () => Promise<RunningServices>,
  logger: Logger,
  stopping: AbortSignal,
): Promise<RunningServices> {
  for (let attempt = 1; ; attempt++) {
    stopping.throwIfAborted();
    try {
      return await Promise.race([start(), aborted(stopping).then(() => Promise.reject(stopping.reason))]);
    } catch (error) {
      if (!isTransient(error)) throw error;
      logger.warn({ err: error, attempt }, "the services cannot start yet");
      await sleep(backOff(attempt), undefined, { signal: stopping });
    }
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
