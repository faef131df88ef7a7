import type { Broker } from "@gochat/broker/broker";
import { listNotifications, readNotifications } from "@gochat/contracts/http/notifications";
import type { Database } from "@gochat/database/database";
import type { HttpServer } from "@gochat/runtime/http-server";
import type { Logger } from "@gochat/runtime/logger";
import { listEntries } from "./commands/list-entries.ts";
import { markEntriesRead } from "./commands/mark-entries-read.ts";

interface Parts {
  readonly http: HttpServer;
  readonly broker: Broker;
  readonly database: Database;
  readonly logger: Logger;
  readonly clock: () => number;
}

export function serveRoutes(parts: Parts): void {
  parts.http.route(listNotifications, ({ identity, query }) =>
    listEntries(parts.database, identity.userId, query),
  );
  parts.http.route(readNotifications, async ({ identity, body }) => {
    await markEntriesRead(parts, identity.userId, "ids" in body ? body.ids : "all");
    return undefined;
  });
}
