import { createContext, useContext } from "react";
import type { Api } from "../lib/api.ts";
import type { Realtime } from "./realtime.ts";
import type { SessionKeeper } from "./session-keeper.ts";

/** What components use besides the store. */
export interface Client {
  readonly api: Api;
  readonly realtime: Realtime;
  readonly keeper: SessionKeeper;
}

const ClientContext = createContext<Client | undefined>(undefined);

export const ClientProvider = ClientContext.Provider;

export function useClient(): Client {
  const client = useContext(ClientContext);
  if (!client) throw new Error("useClient needs a ClientProvider above it.");
  return client;
}
