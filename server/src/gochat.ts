import { randomUUID } from "node:crypto";
import { createLogger } from "@gochat/runtime/logger";
import type { Settings } from "@gochat/runtime/settings";
import { startServices } from "@gochat/runtime/start-services";
import { createTracing } from "@gochat/runtime/tracing";
import { openAdapters } from "./adapters.ts";
import { serveApiReference } from "./api-reference.ts";
import { chooseServices, services } from "./services.ts";
import { serveWebClient } from "./web-client.ts";

export interface RunningGoChat {
  readonly url: string;
  /** Part → what was chosen for it, in the order to print. */
  readonly descriptions: Readonly<Record<string, string>>;
  /** Stops in order. Once `haste` is aborted it no longer waits for services, only for the database to stop. */
  stop(haste: AbortSignal): Promise<void>;
}

/** Starts the named services (none: all five) on the adapters that the settings ask for. */
export async function startGoChat(settings: Settings, names: readonly string[]): Promise<RunningGoChat> {
  const definitions = chooseServices(names);
  const isWhole = definitions.length === Object.keys(services).length;
  const nodeId = randomUUID();
  const logger = createLogger(settings.logLevel);
  const adapters = await openAdapters({ settings, nodeId, logger, isWhole });
  const tracing = await createTracing({ endpoint: settings.tracesEndpoint, logger });
  try {
    const running = await startServices({
      definitions,
      nodeId,
      settings,
      logger,
      ...adapters,
      tracing,
      // Services apart answer whoever reaches their ports: Prometheus does, people reach the proxy alone.
      metricsFor: isWhole ? "this machine" : "anyone",
      extend: async (app) => {
        if (!settings.production) await serveApiReference(app);
        if (isWhole) await serveWebClient(app);
      },
    });
    return {
      url: settings.publicUrl?.origin ?? running.url,
      descriptions: { services: definitions.map(({ name }) => name).join(", "), ...adapters.descriptions },
      stop: async (haste) => {
        await Promise.race([running.stop().then(() => tracing.close()), aborted(haste)]);
        await adapters[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await adapters[Symbol.asyncDispose]();
    throw error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
