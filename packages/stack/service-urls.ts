import { type ServiceName, serviceNames } from "@gochat/contracts/events/event";
import { StartError } from "@gochat/database/start-error";
import { engineProtocols, readEngineUrl } from "@gochat/runtime/engine-urls";
import type { Environment } from "./service-nodes.ts";

/** With which URLs a service reaches its database, the broker and the cache. */
export type ServiceUrls = Readonly<Record<"DATABASE_URL" | "BROKER_URL" | "CACHE_URL", string>>;

type GivenUrls = Readonly<Record<"DATABASE_URL" | "BROKER_URL", string | undefined>>;

/** The addresses for one service alone, such as DATABASE_URL_MESSAGES; each may be in a file, as those for all may. */
export function readServiceUrls(environment: Environment): Record<ServiceName, GivenUrls> {
  const known = ["DATABASE_URL", "BROKER_URL"].flatMap((name) =>
    serviceNames.map((service) => own(name, service)),
  );
  for (const name of Object.keys(environment)) {
    const isForOne = /^(DATABASE|BROKER|CACHE)_URL_(?!FILE$)/.test(name);
    if (isForOne && !known.includes(name.replace(/_FILE$/, ""))) {
      throw new StartError(
        `${name} is not a setting of the stack, which has ${known.join(", ")}. Correct the name.`,
      );
    }
  }
  const read = (name: keyof GivenUrls, service: ServiceName) =>
    readEngineUrl(environment, own(name, service), engineProtocols[name]);
  const entries = serviceNames.map((service) => [
    service,
    { DATABASE_URL: read("DATABASE_URL", service), BROKER_URL: read("BROKER_URL", service) },
  ]);
  return Object.fromEntries(entries);
}

function own(name: string, service: ServiceName): string {
  return `${name}_${service.toUpperCase()}`;
}

/** What a node gets of the settings of the stack: where its engines and keys are is decided for each by itself. */
export function withoutEngines(environment: Environment): Environment {
  const decided = /^((DATABASE|BROKER|CACHE)_URL|(PUBLIC_)?KEYS_FILE)/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !decided.test(name)));
}
