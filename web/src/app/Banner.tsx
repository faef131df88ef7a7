import { useEffect, useState } from "react";
import { useClient } from "../realtime/client-context.ts";
import { isUncertain } from "../state/connectionSlice.ts";
import { useAppSelector } from "../state/state.ts";
import { Button } from "../ui/Button.tsx";

const backShownMs = 2_500;

/** A quiet word when the connection is away: a dotted rule, which turns solid when it is back. */
export function Banner() {
  const { realtime } = useClient();
  const isAway = useAppSelector((state) => isUncertain(state.connection));
  const isOnline = useAppSelector((state) => state.connection.isOnline);
  const [phase, setPhase] = useState<"calm" | "away" | "back">("calm");
  // Adjusted while rendering, so that the word and the rule change together.
  if (isAway && phase !== "away") setPhase("away");
  if (!isAway && phase === "away") setPhase("back");

  useEffect(() => {
    if (phase !== "back") return;
    const timer = setTimeout(() => setPhase("calm"), backShownMs);
    return () => clearTimeout(timer);
  }, [phase]);

  const text =
    phase === "back"
      ? "Connected again."
      : isOnline
        ? "Reconnecting … What you write is kept."
        : "You are offline. What you write is kept and sent when you are back.";
  return (
    <div role="status" className="shrink-0">
      {phase !== "calm" && (
        <p
          className={`animate-settle px-6 pt-2 pb-1.5 text-center text-sm ${phase === "back" ? "border-b-2 border-pine text-pine" : "rule-dotted text-soft"}`}
        >
          {text}
          {phase === "away" && isOnline && (
            <Button look="quiet" className="ml-3" onClick={realtime.retryNow}>
              Try now
            </Button>
          )}
        </p>
      )}
    </div>
  );
}
