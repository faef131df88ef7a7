import type { Database } from "@gochat/database/database";
import type { Outbox } from "@gochat/database/outbox";
import type { Sessions } from "@gochat/runtime/sessions";
import type { IssueAccessToken } from "./access-token.ts";
import type { PasswordHasher } from "./password-hasher.ts";

/** What the service is made of; each command takes the few it uses. */
export interface Parts {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly sessions: Sessions;
  readonly hasher: PasswordHasher;
  readonly commonPasswords: () => Promise<(foldedPassword: string) => boolean>;
  readonly issueAccessToken: IssueAccessToken;
  readonly refreshSecret: Uint8Array;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether wrong passwords are counted. */
  readonly countFailures: boolean;
}
