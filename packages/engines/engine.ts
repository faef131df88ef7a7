/**
 * A private engine (PostgreSQL, RabbitMQ, Redis, NGINX) that this process started, on ports and in a folder of its
 * own. Disposing stops it by its process id, and by force where it does not leave in time.
 */
export interface Engine extends AsyncDisposable {
  /** Of the engine itself, not of a wrapper: what a signal reaches. Another one after a restart. */
  readonly pid: number;
  /** With user and password where it asks for them. */
  readonly url: string;
  /** Ends it at once, as a crash would (SIGKILL), and resolves when it is gone. Its data stay. */
  kill(): Promise<void>;
  /** Starts it again after it ended, on the same ports and data; resolves when it answers. */
  restart(): Promise<void>;
}
