import { defineService, type ServiceDefinition } from "@gochat/runtime/service";
import { subscribeHandlers } from "./handlers.ts";
import { type PresenceTimes, presenceTimes } from "./presence.ts";
import { type PresenceKeeper, startPresenceKeeper } from "./presence-keeper.ts";
import { serveRoutes } from "./routes.ts";
import { serveSockets } from "./sockets.ts";

export interface NotificationsOptions {
  /** Shorter times, for tests. */
  readonly presence?: Partial<PresenceTimes>;
}

export const notifications: ServiceDefinition = createNotificationsService();

export function createNotificationsService(options: NotificationsOptions = {}): ServiceDefinition {
  return defineService({
    name: "notifications",
    migrations: new URL("../migrations/", import.meta.url),
    usesCache: true,
    async start(context) {
      let presence: PresenceKeeper;
      const { served, audience } = serveSockets({
        sockets: context.sockets,
        guestDirectory: context.settings.guestDirectory,
        presence: () => presence,
      });
      const subscriptions = await subscribeHandlers({ ...context, audience });
      presence = await startPresenceKeeper({
        ...context,
        sockets: served,
        times: presenceTimes(options.presence),
      });
      serveRoutes(context);
      return {
        async stop() {
          await presence.stop();
          await Promise.all(subscriptions.map((subscription) => subscription.close()));
        },
      };
    },
  });
}
