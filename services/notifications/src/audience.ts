import type { NotificationsServerFrame } from "@gochat/contracts/sockets/notifications";
import { type EncodedFrame, encodeFrame } from "@gochat/runtime/encoded-frame";
import type { Connection, ServedSockets } from "@gochat/runtime/socket-server";

type Socket = Connection<NotificationsServerFrame>;
type PresenceFrame = Extract<NotificationsServerFrame, { type: "user.online" | "user.offline" }>;
type Sockets = Pick<ServedSockets<NotificationsServerFrame>, "all" | "of">;

/**
 * Whoever comes asks the directory at once, and that may hear of a change a moment after the sockets did. So the changes
 * of so long before somebody came are told to them once more, when the directory has answered.
 */
const recentMs = 5_000;
const repeatAfterMs = 2_000;
const maxRecent = 500;

/** Who gets which frame. A frame is made once and sent to many. */
export class Audience {
  readonly #guestsMaySee: boolean;
  /** Connections that never narrowed what they want to know. */
  readonly #watchingEveryone = new Set<Socket>();
  readonly #watched = new Map<Socket, ReadonlySet<string>>();
  readonly #watchers = new Map<string, Set<Socket>>();
  /** The last change of each person's presence, the oldest first. */
  readonly #recent = new Map<
    string,
    { readonly encoded: EncodedFrame<PresenceFrame>; readonly at: number; readonly changedAt: number }
  >();
  readonly #sockets: Sockets;

  constructor(sockets: Sockets, guestsMaySee: boolean) {
    this.#sockets = sockets;
    this.#guestsMaySee = guestsMaySee;
  }

  joined(connection: Socket): void {
    if (!this.#maySee(connection)) return;
    this.#watchingEveryone.add(connection);
    const joinedAt = performance.now();
    setTimeout(() => this.#repeatRecent(connection, joinedAt), repeatAfterMs).unref();
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
    const encoded = encodeFrame(frame);
    for (const connection of this.#sockets.all) if (this.#maySee(connection)) connection.send(encoded);
  }

  /** To all who want to know of this person. Not what is older than what they know: it was repeated, and overtaken. */
  tellWatchers(userId: string, frame: PresenceFrame): void {
    const changedAt = Date.parse(frame.type === "user.online" ? frame.at : frame.lastSeenAt);
    if (changedAt < (this.#recent.get(userId)?.changedAt ?? changedAt)) return;
    const encoded = encodeFrame(frame);
    this.#remember(userId, encoded, changedAt);
    for (const connection of this.#watchingEveryone) connection.send(encoded);
    for (const connection of this.#watchers.get(userId) ?? []) connection.send(encoded);
  }

  /** To this person's own sockets. Answers to how many. */
  tellPerson(userId: string, frame: NotificationsServerFrame): number {
    const own = this.#sockets.of(userId);
    if (own.size === 0) return 0;
    const encoded = encodeFrame(frame);
    for (const connection of own) connection.send(encoded);
    return own.size;
  }

  #remember(userId: string, encoded: EncodedFrame<PresenceFrame>, changedAt: number): void {
    const at = performance.now();
    this.#recent.delete(userId);
    this.#recent.set(userId, { encoded, at, changedAt });
    for (const [oldest, change] of this.#recent) {
      if (this.#recent.size <= maxRecent && at - change.at < recentMs + repeatAfterMs) break;
      this.#recent.delete(oldest);
    }
  }

  #repeatRecent(connection: Socket, joinedAt: number): void {
    const watched = this.#watched.get(connection);
    const isWatching = (userId: string) => watched?.has(userId) ?? this.#watchingEveryone.has(connection);
    for (const [userId, { encoded, at }] of this.#recent) {
      const wasJustBefore = at <= joinedAt && joinedAt - at < recentMs;
      if (wasJustBefore && isWatching(userId)) connection.send(encoded);
    }
  }

  #maySee(connection: Socket): boolean {
    return connection.identity !== null || this.#guestsMaySee;
  }
}
