import {
  type NotificationsServerFrame,
  notificationsClientFrames,
} from "@gochat/contracts/sockets/notifications";
import type { ServedSockets, SocketServer } from "@gochat/runtime/socket-server";
import { Audience } from "./audience.ts";
import type { PresenceKeeper } from "./presence-keeper.ts";

interface Parts {
  readonly sockets: SocketServer;
  readonly guestDirectory: boolean;
  /** Made after the sockets, since it looks at them; there before the first one connects. */
  readonly presence: () => PresenceKeeper;
}

/** `/ws/notifications`: guests too; it is what makes a signed-in person online. */
export function serveSockets({ sockets, guestDirectory, presence }: Parts): {
  served: ServedSockets<NotificationsServerFrame>;
  audience: Audience;
} {
  const served = sockets.serve<NotificationsServerFrame, typeof notificationsClientFrames>({
    path: "/ws/notifications",
    guests: true,
    frames: notificationsClientFrames,
    open(connection) {
      connection.send({ type: "ready", guest: connection.identity === null });
      audience.joined(connection);
      presence().opened(connection);
    },
    handle: {
      "presence.watch": (connection, { userIds }) => audience.watches(connection, userIds),
    },
    closed(connection) {
      audience.left(connection);
      presence().closed(connection);
    },
  });
  const audience = new Audience(served, guestDirectory);
  return { served, audience };
}
