import type { Broker } from "@gochat/broker/broker";
import type { Database } from "@gochat/database/database";
import type { Logger } from "@gochat/runtime/logger";
import type { Trail } from "@gochat/runtime/trail";
import type { Backlog } from "./backlog.ts";
import type { LogEnds } from "./log-ends.ts";
import type { Measures } from "./measures.ts";
import type { SendOrder } from "./send-order.ts";
import type { Watermarks } from "./watermarks.ts";

/** What the service is made of; a command takes the few it uses. */
export interface Parts {
  readonly database: Database;
  readonly broker: Pick<Broker, "publish" | "durable">;
  readonly logger: Logger;
  readonly backlog: Backlog;
  readonly watermarks: Watermarks;
  readonly logEnds: LogEnds;
  readonly sendOrder: SendOrder;
  readonly trail: Trail;
  readonly measures: Measures;
}
