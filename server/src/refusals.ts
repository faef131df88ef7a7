import { StartError } from "@gochat/database/start-error";
import { howToMakeKeys } from "@gochat/runtime/keys";
import type { ServiceDefinition } from "@gochat/runtime/service";
import type { Settings } from "@gochat/runtime/settings";

/** Throws a StartError where these services can't work with these settings, whatever answers behind them. */
export function refuseIncomplete(
  settings: Settings,
  definitions: readonly ServiceDefinition[],
  isWhole: boolean,
): void {
  const { brokerUrl, cacheUrl, keysFile, publicKeysFile } = settings;
  if (!isWhole && !brokerUrl) {
    throw new StartError(
      "Services that run apart need a broker between them: set BROKER_URL, or name no service to run all in one.",
    );
  }
  const user = definitions.find(({ usesCache }) => usesCache);
  if (!isWhole && user && !cacheUrl) {
    throw new StartError(
      `Services that run apart need a cache between them, and ${user.name} uses it: set CACHE_URL.`,
    );
  }
  // Where a broker is shared there are other processes, and each must know what the others sign.
  if (brokerUrl && !keysFile && !publicKeysFile) {
    throw new StartError(
      "Several processes need the same keys: set KEYS_FILE for auth and PUBLIC_KEYS_FILE for the others. " +
        `Make them once with ${howToMakeKeys}`,
    );
  }
}
