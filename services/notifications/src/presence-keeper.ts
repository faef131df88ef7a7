import type { Broker } from "@gochat/broker/broker";
import { type Cache, CacheUnavailableError } from "@gochat/cache/cache";
import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import type { Metrics } from "@gochat/runtime/metrics";
import { startPeriodic } from "@gochat/runtime/periodic";
import type { Sessions } from "@gochat/runtime/sessions";
import type { Connection, ServedSockets } from "@gochat/runtime/socket-server";
import { createCollector } from "./collector.ts";
import { announcePresence, announcePresenceAgain, repeatChanges } from "./commands/announce-presence.ts";
import { createPresenceRounds } from "./commands/list-presence.ts";
import { createConnectionLeases } from "./connection-leases.ts";
import { Departures } from "./departures.ts";
import { createGatheringTimer } from "./gathering-timer.ts";
import type { PresenceTimes } from "./presence.ts";
import * as store from "./presence-store.ts";

export interface PresenceKeeper {
  opened(connection: Connection): void;
  closed(connection: Connection): void;
  /** Gives back the leases of the sockets that are closed by now, and stops. */
  stop(): Promise<void>;
}

interface KeeperOptions {
  readonly nodeId: string;
  readonly broker: Broker;
  readonly cache: Cache;
  readonly database: Database;
  readonly sessions: Sessions;
  readonly sockets: ServedSockets;
  readonly logger: Logger;
  readonly clock: () => number;
  readonly metrics: Metrics;
  readonly times: PresenceTimes;
}

const maxPeopleAtOnce = 500;
/** What was announced in the last minute, before a crash or with a queue that is gone now, may not have arrived. */
const announceAgainMs = 60_000;

/**
 * Keeps "connected" and "online" the same thing. Every connection holds a lease in the cache. What is held is compared
 * with what was announced: at once when somebody comes, after the debounce when somebody goes, when leases run out,
 * and every heartbeat for everybody. Whatever else went wrong (a killed node, a lost announcement, an emptied cache)
 * is found by that last comparison.
 */
export async function startPresenceKeeper(options: KeeperOptions): Promise<PresenceKeeper> {
  const { broker, cache, database, sessions, sockets, logger, clock, times } = options;
  const leases = cache.leases("presence");
  const departures = new Departures(times);
  const online = options.metrics.gauge({
    name: "gochat_people_online",
    help: "People who hold a lease of presence in the whole system, at the last look.",
  });
  let lastLife = await store.readBeat(database);
  let beatAt = clock();
  let comparedAt = 0;
  /** Until then the broker was there, as far as is known. */
  let coveredUntil = lastLife ?? clock();
  /** What was announced since then may have reached nobody, and is announced again. */
  let repeatSince: number | undefined;
  const listPresence = createPresenceRounds({ broker, database });

  function failed(error: unknown, what: string): void {
    if (error instanceof CacheUnavailableError) departures.cacheFailed(clock());
    logger.warn({ err: error }, what);
  }

  const toSettle = createCollector<string>(maxPeopleAtOnce, async (userIds) => {
    const at = clock();
    try {
      await announcePresence({ broker, database, leases, clock }, userIds, (id) => departures.lastSeenAt(id));
      departures.settled(userIds, at);
    } catch (error) {
      failed(error, "presence was not announced");
    }
  });

  const connections = createConnectionLeases({
    leases,
    nodeId: options.nodeId,
    sockets,
    ttlMs: times.expiry,
    onHeld: (userIds) => toSettle.add(userIds),
    onReleased(userIds, why) {
      if (userIds.length === 0) return;
      if (why === "signed-out") {
        departures.signedOut(userIds, clock());
        toSettle.add(userIds);
      } else {
        departures.left(userIds, clock());
        settling.soon();
      }
    },
    onFailure: failed,
  });

  const settling = createGatheringTimer(times.debounce, () => toSettle.add(departures.due(clock())));

  async function beat(): Promise<void> {
    beatAt = clock();
    await connections.beat();
  }

  async function sweep(): Promise<void> {
    // After a pause of the whole process, such as a machine that slept, its own leases come first.
    if (clock() - beatAt > times.heartbeat) await beat();
    try {
      departures.expired(await leases.expire(), clock());
      if (clock() - comparedAt >= times.heartbeat) await compareAll();
      toSettle.add(departures.due(clock()));
    } catch (error) {
      failed(error, "presence was not compared");
    }
    await repeat();
  }

  async function repeat(): Promise<void> {
    if (repeatSince === undefined) return;
    const since = repeatSince;
    repeatSince = undefined;
    try {
      await repeatChanges({ broker, database }, since);
    } catch (error) {
      repeatSince = Math.min(since, repeatSince ?? since);
      failed(error, "presence was not announced again");
    }
  }

  async function compareAll(): Promise<void> {
    const held = new Set(await leases.held());
    const announced = new Set((await store.listAnnouncedOnline(database)).map(({ userId }) => userId));
    online.set(held.size);
    departures.missed([...announced.difference(held)], clock(), lastLife);
    toSettle.add(held.difference(announced));
    await listPresence(clock() - announceAgainMs);
    await store.saveBeat(database, clock());
    comparedAt = clock();
    coveredUntil = comparedAt;
    lastLife = undefined;
  }

  if (!broker.durable) {
    await announcePresenceAgain({ broker, database }, coveredUntil - announceAgainMs);
  }
  const jitter = 0.1;
  const stopBeats = startPeriodic({
    name: "the heartbeat of the leases",
    everyMs: times.heartbeat,
    jitter,
    work: beat,
    logger,
  });
  const stopSweeps = startPeriodic({
    name: "the sweep of the leases",
    everyMs: times.sweep,
    jitter,
    work: sweep,
    logger,
  });
  const stopAwaiting = broker.onReconnect(() => {
    repeatSince ??= coveredUntil - announceAgainMs;
  });
  const stopListening = sessions.onEnd(({ userId, sessionId }) => {
    for (const connection of sockets.of(userId)) {
      if (connection.identity?.sessionId === sessionId) connections.signedOut(connection);
    }
  });

  return {
    opened(connection) {
      if (connection.identity) connections.opened(connection);
    },
    closed(connection) {
      if (connection.identity) connections.closed(connection);
    },
    async stop() {
      stopListening();
      stopAwaiting();
      settling.stop();
      await Promise.all([stopBeats(), stopSweeps()]);
      await connections.idle();
      await toSettle.idle();
      await store
        .saveBeat(database, clock())
        .catch((error: unknown) => failed(error, "the last beat was not saved"));
    },
  };
}
