import type { Lease, Leases } from "@gochat/cache/cache";
import type { Connection, ServedSockets } from "@gochat/runtime/socket-server";
import { createCollector } from "./collector.ts";

export interface ConnectionLeases {
  /** The connections are of signed-in people. */
  opened(connection: Connection): void;
  closed(connection: Connection): void;
  /** The session of the connection ended; its socket is closing. */
  signedOut(connection: Connection): void;
  /** Re-asserts the lease of every open connection of this node. */
  beat(): Promise<void>;
  /** Resolves once every change is in the cache, or has failed. */
  idle(): Promise<void>;
}

interface LeaseOptions {
  readonly leases: Leases;
  readonly nodeId: string;
  readonly sockets: ServedSockets;
  readonly ttlMs: number;
  /** People whose first lease was taken. */
  readonly onHeld: (userIds: string[]) => void;
  /** People whose last lease was given back because a connection closed, or because a session ended. */
  readonly onReleased: (userIds: string[], why: "closed" | "signed-out") => void;
  readonly onFailure: (error: unknown, what: string) => void;
}

interface LeaseChange {
  readonly connection: Connection;
  readonly kind: "opened" | "closed" | "signed-out";
}

const maxLeasesAtOnce = 500;

/**
 * One lease for each open connection of a signed-in person. Changes reach the cache in order, many at once; one that
 * fails is put right by the next beat, or by the lease's own end.
 */
export function createConnectionLeases(options: LeaseOptions): ConnectionLeases {
  const { leases, nodeId, sockets, ttlMs, onHeld, onReleased, onFailure } = options;
  const signedOut = new WeakSet<Connection>();

  const leaseOf = ({ identity, id }: Connection): Lease => ({
    owner: identity!.userId,
    id: `${nodeId}:${id}`,
  });

  async function hold(connections: readonly Connection[]): Promise<void> {
    // A lease must not be taken after its connection has closed: nobody would give it back.
    const open = connections.filter(({ isOpen, identity }) => isOpen && identity);
    if (open.length > 0) onHeld(await leases.hold(open.map(leaseOf), ttlMs));
  }

  async function release(connections: readonly Connection[], why: "closed" | "signed-out"): Promise<void> {
    if (connections.length > 0) onReleased(await leases.release(connections.map(leaseOf)), why);
  }

  const changes = createCollector<LeaseChange>(maxLeasesAtOnce, async (batch) => {
    const those = (kind: LeaseChange["kind"]) =>
      batch.filter((change) => change.kind === kind).map(({ connection }) => connection);
    try {
      await hold(those("opened"));
      await release(those("closed"), "closed");
      await release(those("signed-out"), "signed-out");
    } catch (error) {
      onFailure(error, "leases were not changed");
    }
  });

  return {
    opened: (connection) => changes.add([{ connection, kind: "opened" }]),
    closed(connection) {
      if (!signedOut.has(connection)) changes.add([{ connection, kind: "closed" }]);
    },
    signedOut(connection) {
      signedOut.add(connection);
      changes.add([{ connection, kind: "signed-out" }]);
    },
    async beat() {
      const connections = [...sockets.all];
      try {
        for (let from = 0; from < connections.length; from += maxLeasesAtOnce) {
          await hold(connections.slice(from, from + maxLeasesAtOnce));
        }
      } catch (error) {
        onFailure(error, "leases were not re-asserted");
      }
    },
    idle: () => changes.idle(),
  };
}
