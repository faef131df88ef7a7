import type { NotificationsServerFrame } from "@gochat/contracts/sockets/notifications";
import { frameText } from "@gochat/runtime/frame-text";
import type { Connection, ServedSockets } from "@gochat/runtime/socket-server";

type Socket = Connection<NotificationsServerFrame>;
type Sockets = Pick<ServedSockets<NotificationsServerFrame>, "all" | "of">;

/** Who gets which frame. A frame is made once and sent to many. */
export class Audience {
  readonly #guestsMaySee: boolean;
  /** Connections that never narrowed what they want to know. */
  readonly #watchingEveryone = new Set<Socket>();
  readonly #watched = new Map<Socket, ReadonlySet<string>>();
  readonly #watchers = new Map<string, Set<Socket>>();
  readonly #sockets: Sockets;

  constructor(sockets: Sockets, guestsMaySee: boolean) {
    this.#sockets = sockets;
    this.#guestsMaySee = guestsMaySee;
  }

  joined(connection: Socket): void {
    if (this.#maySee(connection)) this.#watchingEveryone.add(connection);
  }

  /** From now on only these people; nobody if there are none. */
  watches(connection: Socket, userIds: readonly string[]): void {
    if (!this.#maySee(connection)) return;
    this.left(connection);
    this.#watched.set(connection, new Set(userIds));
    for (const userId of userIds) {
      const watchers = this.#watchers.get(userId);
      if (watchers) watchers.add(connection);
      else this.#watchers.set(userId, new Set([connection]));
    }
  }

  left(connection: Socket): void {
    this.#watchingEveryone.delete(connection);
    for (const userId of this.#watched.get(connection) ?? []) {
      const watchers = this.#watchers.get(userId);
      watchers?.delete(connection);
      if (watchers?.size === 0) this.#watchers.delete(userId);
    }
    this.#watched.delete(connection);
  }

  /** To all who may see the directory. */
  tellAll(frame: NotificationsServerFrame): void {
    const text = frameText(frame);
    for (const connection of this.#sockets.all) if (this.#maySee(connection)) connection.send(text);
  }

  /** To all who want to know of this person. */
  tellWatchers(userId: string, frame: NotificationsServerFrame): void {
    const text = frameText(frame);
    for (const connection of this.#watchingEveryone) connection.send(text);
    for (const connection of this.#watchers.get(userId) ?? []) connection.send(text);
  }

  /** To this person's own sockets. Answers to how many. */
  tellPerson(userId: string, frame: NotificationsServerFrame): number {
    const own = this.#sockets.of(userId);
    if (own.size === 0) return 0;
    const text = frameText(frame);
    for (const connection of own) connection.send(text);
    return own.size;
  }

  #maySee(connection: Socket): boolean {
    return connection.identity !== null || this.#guestsMaySee;
  }
}
