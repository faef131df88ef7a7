/** The bounds that clients can see. Bytes are UTF-8 bytes; characters are Unicode code points. */
export const limits = {
  maxFrameBytes: 64 * 1024,
  maxFrameDepth: 16,
  maxBodyBytes: 64 * 1024,
  maxBodyCharacters: 4000,
  maxUnacknowledged: 32,
  messagesPerSecond: 20,
  burst: 40,
  /** A read position is shown at most as this many unread messages ("99+"). */
  maxUnreadCount: 100,
} as const;

/** How many partitions conversations are spread over, unless PARTITIONS says otherwise. */
export const partitionCount = 8;

/** Lifetimes in seconds. */
export const lifetimes = {
  accessToken: 10 * 60,
  /** A session that is not refreshed for this long has ended. */
  session: 30 * 24 * 60 * 60,
  /** After a rotation the previous refresh token still answers with the same successor for this long. */
  refreshGrace: 20,
} as const;

/** Presence, in milliseconds. */
export const presence = { heartbeat: 10_000, expiry: 30_000, debounce: 5_000 } as const;
