import { lifetimes } from "@gochat/contracts/limits";
import { ProblemError, type Request, requestOnce } from "../lib/http.ts";
import { withTabLock } from "../lib/locks.ts";
import { recall, remember } from "../lib/storage.ts";

const renewedAtName = "gochat.renewedAt";
/** The access token is renewed two minutes before it ends. */
const renewAfterMs = (lifetimes.accessToken - 120) * 1000;

type Renewal = "renewed" | "ended" | "unreachable";

/**
 * Keeps the session of this browser alive. Its tabs share the cookies, so they take turns: a tab that waited while
 * another one renewed is content with that.
 */
export interface SessionKeeper {
  /** Rotates the cookies once, however many ask at the same time. */
  renew(): Promise<Renewal>;
  /** Renews if the token is old; ask whenever the page wakes up and every minute. */
  renewIfOld(): Promise<void>;
  /** The cookies are fresh: somebody has just signed in. */
  noteFresh(): void;
  /** Whether somebody was signed in at this browser; the session may have ended since. */
  hasBeenSignedIn(): boolean;
  /** Like `requestOnce`, but a token that has ended is renewed and the call made once more. */
  readonly request: Request;
}

export function createSessionKeeper(onEnded: () => void): SessionKeeper {
  let running: Promise<Renewal> | undefined;

  const renewedAt = () => Number(recall(renewedAtName) ?? 0);
  const noteFresh = () => remember(renewedAtName, String(Date.now()));

  function renew(): Promise<Renewal> {
    const askedAt = Date.now();
    running ??= withTabLock("gochat-session", async (): Promise<Renewal> => {
      if (renewedAt() > askedAt) return "renewed";
      try {
        await requestOnce("POST", "/api/auth/refresh");
        noteFresh();
        return "renewed";
      } catch (error) {
        return error instanceof ProblemError && error.status === 401 ? "ended" : "unreachable";
      }
    }).finally(() => {
      running = undefined;
    });
    return running;
  }

  async function renewIfOld(): Promise<void> {
    if (Date.now() - renewedAt() < renewAfterMs) return;
    if ((await renew()) === "ended") onEnded();
  }

  const request: Request = async <Answer>(
    method: Parameters<Request>[0],
    path: string,
    body?: unknown,
  ): Promise<Answer> => {
    try {
      return await requestOnce<Answer>(method, path, body);
    } catch (error) {
      if (!hasTokenEnded(error)) throw error;
      const renewal = await renew();
      if (renewal === "ended") onEnded();
      if (renewal !== "renewed") throw error;
      return requestOnce<Answer>(method, path, body);
    }
  };

  return { renew, renewIfOld, noteFresh, hasBeenSignedIn: () => renewedAt() > 0, request };
}

function hasTokenEnded(error: unknown): boolean {
  return (
    error instanceof ProblemError && (error.code === "UNAUTHENTICATED" || error.code === "SESSION_EXPIRED")
  );
}
