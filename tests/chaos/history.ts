/** A message as some observer saw it: position, id, sender, and a hash of its bytes. */
export type Seen = readonly [seq: number, id: string, senderId: string, hash: string];

/** What a fault strikes; it decides how soon sending must work again once it is healed. */
export type Struck = "service" | "postgres" | "rabbitmq" | "cache" | "partition" | "client" | "queue";

/**
 * One line of a history file. `t` is milliseconds since the run began, by the one monotonic clock of the driver, at
 * which the driver asked or observed. A device is a chat socket with its outbox and what it has applied; a person has
 * several. `applied` is how far the device has applied the conversation once it dealt with what the line tells.
 */
export type Entry = { readonly t: number } & (
  | {
      readonly kind: "run";
      readonly mode: string;
      readonly seed: number;
      readonly people: readonly string[];
      readonly devices: Readonly<Record<string, string>>;
      readonly conversations: Readonly<Record<string, readonly [string, string]>>;
    }
  /** `online`: the notification socket of the device, which makes its person online. */
  | {
      readonly kind: "opened" | "closed";
      readonly socket: "chat" | "online";
      readonly device: string;
      readonly connection: number;
      readonly code?: number;
    }
  /** Every attempt is a line. `bad`: the driver knows that it must be refused for good. */
  | {
      readonly kind: "sent";
      readonly device: string;
      readonly connection: number;
      readonly conversation: string;
      readonly id: string;
      readonly hash: string;
      readonly bad?: true;
    }
  | {
      readonly kind: "stored";
      readonly device: string;
      readonly conversation: string;
      readonly message: Seen;
      readonly applied: number;
    }
  | { readonly kind: "rejected"; readonly device: string; readonly id: string; readonly code: string }
  | {
      readonly kind: "head";
      readonly device: string;
      readonly conversation: string;
      readonly headSeq: number;
    }
  /** A page of changes that a device fetched to catch up. */
  | {
      readonly kind: "page";
      readonly device: string;
      readonly conversation: string;
      readonly askedAt: number;
      readonly after: number;
      readonly headSeq: number;
      readonly messages: readonly Seen[];
      readonly applied: number;
    }
  /** Any other frame that speaks of a conversation. */
  | {
      readonly kind: "frame";
      readonly socket: "chat" | "online";
      readonly device: string;
      readonly type: string;
      readonly conversation: string;
    }
  | {
      readonly kind: "readSent";
      readonly device: string;
      readonly conversation: string;
      readonly seq: number;
    }
  | {
      readonly kind: "read";
      readonly device: string;
      readonly conversation: string;
      readonly person: string;
      readonly readSeq: number;
    }
  /** A conversation as the list shows it to a person. `settled`: read while all was quiet, between `settled` and what follows. */
  | {
      readonly kind: "summary";
      readonly person: string;
      readonly conversation: string;
      readonly askedAt: number;
      readonly headSeq: number;
      readonly unreadCount: number;
      readonly readSeqs: Readonly<Record<string, number>>;
      readonly settled?: true;
    }
  /** The unread notification entries of a person while all was quiet: conversation → count. */
  | { readonly kind: "notices"; readonly person: string; readonly unread: Readonly<Record<string, number>> }
  /** The whole history of a conversation, read by a person at the end. */
  | {
      readonly kind: "history";
      readonly person: string;
      readonly conversation: string;
      readonly headSeq: number;
      readonly messages: readonly Seen[];
    }
  /** What a device learned of somebody's presence, by a frame or from the directory. */
  | {
      readonly kind: "presence";
      readonly device: string;
      readonly person: string;
      readonly status: "online" | "offline" | "unknown";
    }
  /** The whole directory, as a device read it when presence had to be right again. Without people: no answer came. */
  | {
      readonly kind: "directory";
      readonly device: string;
      readonly askedAt: number;
      readonly people?: Readonly<Record<string, "online" | "offline" | "unknown">>;
    }
  /** `flushed`: the cache is empty, and somebody looks at the directory 15 s later. */
  | {
      readonly kind: "injected" | "healed";
      readonly fault: string;
      readonly struck: Struck;
      readonly flushed?: true;
    }
  /**
   * Nobody sends anything new from `quiet` to `resumed` or `end`; what is unanswered is still sent again. `settled`:
   * the driver believes that everything arrived, or has waited as long as that may take; then it reads the numbers.
   */
  | { readonly kind: "quiet" | "settled" | "resumed" | "end" }
  | { readonly kind: "poison"; readonly id: string }
  | { readonly kind: "deadLetter"; readonly id: string; readonly reason: string }
  /** Queues as they were when all had been empty once, or 30 s after it fell silent. */
  | { readonly kind: "queues"; readonly askedAt: number; readonly depths: Readonly<Record<string, number>> }
);

type WithoutTime<Line> = Line extends unknown ? Omit<Line, "t"> : never;
export type Fact = WithoutTime<Entry>;
