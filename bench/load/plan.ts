/** What the load generator is asked to do: pairs of people, one of each sends, the other gets. */
export interface LoadPlan {
  readonly pairs: readonly { readonly sender: Seat; readonly recipient: Seat }[];
  /** Messages of a pair that are under way at once: the next is sent when one of them has arrived. */
  readonly window: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Characters of each message. */
  readonly bodyLength: number;
}

/** One socket. */
export interface Seat {
  readonly userId: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface LoadResult {
  /** Messages whose recipient had `message.stored` within the measured time. */
  readonly delivered: number;
  readonly perSecond: number;
  /** From `send` to the recipient's `message.stored`, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** `message.rejected`, by code. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Sent, and not there 10 s after the end. */
  readonly lost: number;
  /** Arrived a second time at the same recipient. */
  readonly repeated: number;
}

/** What the generator tells its parent. */
export type LoadMessage =
  | { readonly type: "measuring" }
  | { readonly type: "measured" }
  | { readonly type: "result"; readonly result: LoadResult };
