/** What the load generator is asked to do: pairs of people, one of each sends, the other gets. */
export interface LoadPlan {
  readonly protocol: "gochat" | "xmpp";
  readonly pairs: readonly { readonly sender: Seat; readonly recipient: Seat }[];
  readonly pace: Pace;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Characters of each message. */
  readonly bodyLength: number;
  /** Whether the generator takes of the cores only what the server leaves. */
  readonly yields?: boolean | undefined;
}

/**
 * A closed loop sends the next message when one has arrived: `window` of each pair are under way. An open loop sends
 * by the clock, whatever comes back, and counts from when a message was to be sent: who only starts the watch when
 * the server takes the message does not see how long it had to wait (coordinated omission).
 */
export type Pace = { readonly window: number } | { readonly perSecond: number };

/** One socket. */
export interface Seat {
  readonly userId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Where the protocol signs in on the socket itself. */
  readonly password?: string;
}

export interface LoadResult {
  /** Messages whose recipient had `message.stored` within the measured time. */
  readonly delivered: number;
  readonly perSecond: number;
  /** Of the messages that were to be sent within the measured time, until the recipient had them, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Attempts that were refused, by code; the same message is sent again later. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Messages that arrived from the first to the last, warm-up and end as well. */
  readonly arrived: number;
  /** Sent, and not there 10 s after the end. */
  readonly lost: number;
  /** Arrived a second time at the same recipient. */
  readonly repeated: number;
}
