import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import type { DirectoryCache } from "./directory-cache.ts";

/** What the service is made of; each command takes the few it uses. */
export interface Parts {
  readonly database: Database;
  readonly directory: DirectoryCache;
  readonly logger: Logger;
}
