import { defineService, type RunningService, type ServiceContext } from "@gochat/runtime/service";
import { createDirectoryCache } from "./directory-cache.ts";
import { subscribeHandlers } from "./handlers.ts";
import { registerRoutes } from "./routes.ts";

/** The directory: what others see of a person. */
export const users = defineService({
  name: "users",
  migrations: new URL("../migrations/", import.meta.url),
  usesCache: true,
  start: startUsers,
});

async function startUsers(context: ServiceContext): Promise<RunningService> {
  const { broker, cache, database, http, logger, settings } = context;
  const parts = { database, logger, directory: createDirectoryCache(cache, logger) };
  registerRoutes(http, { ...parts, isOpenToGuests: settings.guestDirectory });
  const subscribed = await subscribeHandlers(broker, parts);
  return {
    async stop() {
      await Promise.all(subscribed.map((subscription) => subscription.close()));
    },
  };
}
