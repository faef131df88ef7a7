import * as endpoints from "@gochat/contracts/http/conversations";
import type { HttpServer } from "@gochat/runtime/http-server";
import { openConversation } from "./commands/open-conversation.ts";
import { listConversations, readConversation } from "./commands/read-conversations.ts";
import { readChanges, readMessages } from "./commands/read-history.ts";
import type { PageCache } from "./page-cache.ts";
import type { Parts } from "./parts.ts";

export function registerRoutes(
  http: HttpServer,
  parts: Pick<Parts, "database"> & { pages: PageCache },
): void {
  http.route(endpoints.openConversation, async ({ identity, body }) => ({
    conversation: await openConversation(parts, identity, body.userId),
  }));
  http.route(endpoints.listConversations, ({ identity, query: { limit = 50, cursor } }) =>
    listConversations(parts, identity.userId, { limit, cursor }),
  );
  http.route(endpoints.getConversation, async ({ identity, params }) => ({
    conversation: await readConversation(parts, identity.userId, params.id),
  }));
  http.route(endpoints.listMessages, ({ identity, params, query: { limit = 50, ...place } }) =>
    readMessages(parts, { conversationId: params.id, userId: identity.userId }, { ...place, limit }),
  );
  http.route(endpoints.listChanges, ({ identity, params, query: { limit = 200, after } }) =>
    readChanges(parts, { conversationId: params.id, userId: identity.userId }, { after, limit }),
  );
}
