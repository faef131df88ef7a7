import type { Session } from "@gochat/contracts/http/auth";
import { useCallback, useEffect, useState } from "react";
import { timeAgo } from "../../lib/time.ts";
import { useClient } from "../../realtime/client-context.ts";
import { Button } from "../../ui/Button.tsx";
import { Node } from "../../ui/Node.tsx";
import { useNow } from "../../ui/use-now.ts";
import { describeDevice } from "./describe-device.ts";

/** Where one is signed in, and a way to end what one does not know. */
export function Sessions() {
  const { api } = useClient();
  const now = useNow();
  const [sessions, setSessions] = useState<readonly Session[]>();
  const [hasFailed, setFailed] = useState(false);

  const load = useCallback(async () => {
    try {
      setSessions((await api.sessions()).sessions);
      setFailed(false);
    } catch {
      setFailed(true);
    }
  }, [api]);
  useEffect(() => void load(), [load]);

  async function revoke(id: string): Promise<void> {
    try {
      await api.revokeSession(id);
    } finally {
      await load();
    }
  }

  return (
    <section aria-labelledby="sessions-title">
      <h2 id="sessions-title" className="text-xl font-semibold tracking-tight">
        Sessions
      </h2>
      <p className="mt-1 text-soft">Where you are signed in. End what you do not recognise.</p>
      {hasFailed && (
        <p role="alert" className="mt-3 text-rust">
          That did not work.{" "}
          <Button look="quiet" onClick={() => void load()}>
            Try again
          </Button>
        </p>
      )}
      <ul className="relative mt-4">
        {sessions?.map((session) => (
          <li key={session.id} className="group/row relative flex items-center gap-4 py-3 pl-8">
            <span
              className="thread left-[0.34rem] group-first/row:top-6 group-last/row:bottom-auto group-last/row:h-6 group-only/row:hidden"
              aria-hidden="true"
            />
            <span className="absolute top-[1.15rem] left-0 bg-paper py-0.5">
              <Node
                kind={session.current ? "filled" : "ring"}
                className={session.current ? "text-pine" : "text-faint"}
              />
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate font-medium">{describeDevice(session.userAgent)}</span>
              <span className="block truncate text-sm text-faint">
                {session.current ? "this one" : `used ${timeAgo(session.lastUsedAt, now)}`}
                {session.ip && ` · ${session.ip}`}
              </span>
            </span>
            {!session.current && (
              <Button look="outline" className="text-sm" onClick={() => void revoke(session.id)}>
                End
                <span className="sr-only"> {describeDevice(session.userAgent)}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
