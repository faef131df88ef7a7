/** Why the server closes a socket, and what a client does then. */
export const closeCodes = {
  /** The server is going away: reconnect. */
  goingAway: 1001,
  /** A frame over 64 KiB. */
  tooBig: 1009,
  /** Slow consumer or overloaded: reconnect with back-off. */
  tryAgainLater: 1013,
  badFrame: 4400,
  /** The session ended or expired: refresh or sign in first. */
  sessionEnded: 4401,
  foreignOrigin: 4403,
  flooding: 4429,
} as const;
