import { sessionRevoked } from "@gochat/contracts/events/user-events";
import { createOutbox } from "@gochat/database/outbox";
import { StartError } from "@gochat/database/start-error";
import { startPeriodic } from "@gochat/runtime/periodic";
import { defineService, type RunningService, type ServiceContext } from "@gochat/runtime/service";
import { createAccessTokens } from "./access-token.ts";
import { repeatEndings } from "./commands/repeat-endings.ts";
import { createRegistrationRounds } from "./commands/repeat-registrations.ts";
import { sweepSessions } from "./commands/sweep-sessions.ts";
import { createCommonPasswords } from "./common-passwords.ts";
import { createTokenCookies } from "./cookies.ts";
import { observeQueues } from "./measures.ts";
import type { Parts } from "./parts.ts";
import { createPasswordHasher } from "./password-hasher.ts";
import { registerRoutes } from "./routes.ts";

const sweepEveryMs = 60 * 60 * 1000;
const repeatEveryMs = 30 * 1000;
const listEveryMs = 10 * 1000;

/** Accounts, sessions and keys. */
export const auth = defineService({
  name: "auth",
  migrations: new URL("../migrations/", import.meta.url),
  start: startAuth,
});

async function startAuth(context: ServiceContext): Promise<RunningService> {
  const { broker, database, keys, logger, sessions, settings, clock } = context;
  const { signing, refreshSecret } = keys;
  if (!signing || !refreshSecret) {
    throw new StartError("auth needs the private keys of this installation: set KEYS_FILE.");
  }
  const outbox = createOutbox({
    database,
    publish: (contract, events, options) => broker.publish(contract, events, options),
    durable: broker.durable,
    logger,
    clock,
  });
  const parts: Parts = {
    database,
    outbox,
    sessions,
    hasher: createPasswordHasher(),
    commonPasswords: createCommonPasswords(),
    issueAccessToken: await createAccessTokens(signing),
    refreshSecret,
    clock,
    countFailures: settings.rateLimits,
  };

  observeQueues(context.metrics, parts);

  // Before the first request: a token of a session that ended before a restart must not come back to life.
  await repeatEndings(parts, async (revoked) => {
    for (const event of revoked) sessions.end(event);
  });
  const cookies = createTokenCookies(settings.publicUrl);
  registerRoutes(context.http, { ...parts, cookies, verificationKeys: keys.verification });
  const stopSweeping = startPeriodic({
    name: "the sweep of idle sessions",
    everyMs: sweepEveryMs,
    jitter: 0.2,
    work: () => sweepSessions(parts),
    logger,
  });
  const stopRepeating = startPeriodic({
    name: "the repetition of ended sessions",
    everyMs: repeatEveryMs,
    jitter: 0.2,
    work: () => repeatEndings(parts, (revoked) => broker.publish(sessionRevoked, revoked)),
    logger,
  });
  const stopListing = startPeriodic({
    name: "the repetition of registrations",
    everyMs: listEveryMs,
    jitter: 0.2,
    work: createRegistrationRounds({ broker, database, clock }),
    logger,
  });

  return {
    async stop() {
      await Promise.all([stopSweeping(), stopRepeating(), stopListing()]);
      await outbox[Symbol.asyncDispose]();
    },
  };
}
