import { useEffect, useState } from "react";
import { useIsLooking } from "./use-is-looking.ts";

const nothing = Number.POSITIVE_INFINITY;

/**
 * After which position messages count as new: where one had read when the conversation was opened, or what was the
 * end when one looked away. Undefined until the conversation is ready.
 */
export function useNewAfter(isReady: boolean, readSeq: number, unread: number, applied: number) {
  const [newAfter, setNewAfter] = useState<number>();
  const isLooking = useIsLooking();
  const [wasLooking, setWasLooking] = useState(isLooking);

  // Adjusted while rendering, so that no frame is drawn without the line.
  if (isReady && newAfter === undefined) setNewAfter(unread > 0 ? readSeq : nothing);
  if (isLooking !== wasLooking) {
    setWasLooking(isLooking);
    if (!isLooking && unread === 0) setNewAfter(Math.max(0, applied));
  }

  useEffect(() => {
    if (!isLooking || newAfter === nothing || newAfter === undefined) return;
    // Nothing came while one was away: there is no line to keep.
    if (newAfter >= applied) setNewAfter(nothing);
  }, [isLooking, newAfter, applied]);

  return { newAfter, forget: () => setNewAfter(nothing) };
}
