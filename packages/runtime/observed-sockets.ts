import type { ErrorCode } from "@gochat/contracts/errors";
import type { Metrics } from "./metrics.ts";
import type { Connection, SocketPath } from "./socket-server.ts";

/** What is counted of the sockets of one path. Frames are counted by an addition alone: they are many. */
export interface SocketTraffic {
  readonly framesReceived: Map<string, number>;
  framesSent: number;
  refused(code: ErrorCode): void;
  /** By the server. */
  closed(code: number): void;
}

export interface ObservedSockets {
  watch(path: SocketPath["path"], open: ReadonlySet<Connection>): SocketTraffic;
}

export function observeSockets(metrics: Metrics): ObservedSockets {
  const watched = new Map<string, { open: ReadonlySet<Connection>; traffic: SocketTraffic }>();

  metrics.gauge({
    name: "gochat_sockets_open",
    help: "Open sockets, of people and of guests.",
    labels: ["service", "kind"],
    collect(gauge) {
      for (const [service, { open }] of watched) {
        const people = [...open].filter(({ identity }) => identity !== null).length;
        gauge.set({ service, kind: "person" }, people);
        gauge.set({ service, kind: "guest" }, open.size - people);
      }
    },
  });
  metrics.counter({
    name: "gochat_socket_frames_received_total",
    help: "Frames of clients by their type.",
    labels: ["service", "type"],
    collect(counter) {
      for (const [service, { traffic }] of watched) {
        for (const [type, count] of traffic.framesReceived) counter.inc({ service, type }, count);
      }
    },
  });
  metrics.counter({
    name: "gochat_socket_frames_sent_total",
    help: "Frames to clients.",
    labels: ["service"],
    collect(counter) {
      for (const [service, { traffic }] of watched) counter.inc({ service }, traffic.framesSent);
    },
  });
  const refused = metrics.counter({
    name: "gochat_sockets_refused_total",
    help: "Upgrades that were refused, by the code of the error.",
    labels: ["service", "code"],
  });
  const closed = metrics.counter({
    name: "gochat_sockets_closed_total",
    help: "Sockets that the server closed, by close code.",
    labels: ["service", "code"],
  });

  return {
    watch(path, open) {
      const service = path.slice("/ws/".length);
      const traffic: SocketTraffic = {
        framesReceived: new Map(),
        framesSent: 0,
        refused: (code) => refused.inc({ service, code }),
        closed: (code) => closed.inc({ service, code: String(code) }),
      };
      watched.set(service, { open, traffic });
      return traffic;
    },
  };
}
