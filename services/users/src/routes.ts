import { GoChatError } from "@gochat/contracts/errors";
import * as endpoints from "@gochat/contracts/http/users";
import type { HttpServer } from "@gochat/runtime/http-server";
import type { Identity } from "@gochat/runtime/sessions";
import { listDirectory } from "./commands/list-directory.ts";
import { showPerson } from "./commands/show-person.ts";
import { readDirectoryQuery } from "./directory-query.ts";
import type { Parts } from "./parts.ts";

interface RouteParts extends Parts {
  /** Whether somebody who is not signed in sees the directory. */
  readonly isOpenToGuests: boolean;
}

export function registerRoutes(http: HttpServer, parts: RouteParts): void {
  function refuseGuest(identity: Identity | null): void {
    if (!identity && !parts.isOpenToGuests) throw new GoChatError("UNAUTHENTICATED");
  }

  http.route(endpoints.listUsers, async ({ identity, query }) => {
    refuseGuest(identity);
    return listDirectory(readDirectoryQuery(query), parts);
  });

  http.route(endpoints.getUser, async ({ identity, params }) => {
    refuseGuest(identity);
    return { user: await showPerson(params.id, parts) };
  });
}
