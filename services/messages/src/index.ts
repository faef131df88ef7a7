import { StartError } from "@gochat/database/start-error";
import { defineService, type RunningService, type ServiceContext } from "@gochat/runtime/service";
import { Backlog } from "./backlog.ts";
import { keepPartitionCount } from "./conversation-store.ts";
import { subscribeHandlers } from "./handlers.ts";
import { LateRecipients } from "./late-recipients.ts";
import { LogEnds } from "./log-ends.ts";
import { createMeasures } from "./measures.ts";
import { createPageCache } from "./page-cache.ts";
import type { Parts } from "./parts.ts";
import { registerRoutes } from "./routes.ts";
import { SendOrder } from "./send-order.ts";
import { findReplay, startSweeper } from "./sweeper.ts";
import { Watermarks } from "./watermarks.ts";

/** Conversations, their log and read positions. */
export const messages = defineService({
  name: "messages",
  migrations: new URL("../migrations/", import.meta.url),
  usesCache: true,
  start: startMessages,
});

async function startMessages(context: ServiceContext): Promise<RunningService> {
  const { broker, cache, database, http, logger, trail } = context;
  const { partitions } = context.settings;
  const kept = await keepPartitionCount(database, partitions);
  if (kept !== partitions) {
    throw new StartError(
      `These conversations were spread over ${kept} partitions and not ${partitions}: set PARTITIONS=${kept} for every service.`,
    );
  }
  const parts: Parts = {
    database,
    broker,
    logger,
    backlog: new Backlog(),
    watermarks: new Watermarks({ database, logger }),
    logEnds: new LogEnds(),
    sendOrder: new SendOrder(),
    trail,
    measures: createMeasures(context.metrics),
  };
  const replay = await findReplay(parts);
  const lateRecipients = new LateRecipients(parts);
  registerRoutes(http, { database, pages: createPageCache(cache, logger) });
  const subscribed = await subscribeHandlers(broker, parts, { lateRecipients, partitions });
  const stopSweeper = startSweeper(parts, replay);
  return {
    async stop() {
      await Promise.all(subscribed.map((subscription) => subscription.close()));
      await Promise.all([lateRecipients.stop(), stopSweeper()]);
      await parts.watermarks.flush();
    },
  };
}
