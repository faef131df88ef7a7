import { startPeriodic } from "@gochat/runtime/periodic";
import { defineService, type ServiceDefinition } from "@gochat/runtime/service";
import { askStandings } from "./commands/catch-up.ts";
import { subscribeHandlers } from "./handlers.ts";
import { type PresenceTimes, presenceTimes } from "./presence.ts";
import { type PresenceKeeper, startPresenceKeeper } from "./presence-keeper.ts";
import { serveRoutes } from "./routes.ts";
import { serveSockets } from "./sockets.ts";

export interface NotificationsOptions {
  /** Shorter times, for tests. */
  readonly presence?: Partial<PresenceTimes>;
  readonly catchUpEveryMs?: number;
}

/** Each comparison covers a minute and what came since the last one: a lost event is made up for within this time. */
const catchUpEveryMs = 10_000;

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
      const everyMs = options.catchUpEveryMs ?? catchUpEveryMs;
      const stopCatchingUp = startPeriodic({
        name: "the comparison with messages",
        everyMs,
        jitter: 0.2,
        work: () => askStandings(context, everyMs / 2),
        logger: context.logger,
      });
      // What was announced meanwhile never reached this node: its people read it when they come again.
      const stopListening = context.broker.onReconnect(() => served.askToReconnect());
      return {
        async stop() {
          stopListening();
          await Promise.all([presence.stop(), stopCatchingUp()]);
          await Promise.all(subscriptions.map((subscription) => subscription.close()));
        },
      };
    },
  });
}
