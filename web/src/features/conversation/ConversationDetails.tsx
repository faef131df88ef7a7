import { useCallback, useRef, useState } from "react";
import { loadAgain } from "../../state/load-history.ts";
import { selectIntegrity } from "../../state/selectors.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";
import { Button, buttonLook } from "../../ui/Button.tsx";
import { DetailsIcon } from "../../ui/icons.tsx";
import { useDismiss } from "../../ui/use-dismiss.ts";
import { describeIntegrity } from "./describe-integrity.ts";

/** Whether what is held of the conversation is whole, and what to compare to be sure. */
export function ConversationDetails({
  conversationId,
  otherName,
}: {
  conversationId: string;
  otherName: string;
}) {
  const [isOpen, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const close = useCallback(() => setOpen(false), []);
  useDismiss(ref, isOpen, close);

  return (
    <div ref={ref}>
      <button
        type="button"
        aria-label="Details"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onClick={() => setOpen(!isOpen)}
        className={buttonLook("icon")}
      >
        <DetailsIcon />
      </button>
      {isOpen && (
        <div
          role="dialog"
          aria-label="Details"
          className="animate-settle absolute top-14 right-3 z-20 w-80 max-w-[calc(100%-1.5rem)] rounded-2xl border border-thread bg-paper p-6 wrap-anywhere"
        >
          <Record conversationId={conversationId} otherName={otherName} />
        </div>
      )}
    </div>
  );
}

function Record({ conversationId, otherName }: { conversationId: string; otherName: string }) {
  const dispatch = useAppDispatch();
  const integrity = useAppSelector((state) => selectIntegrity(state, conversationId));
  const [isFetching, setFetching] = useState(false);
  const { headline, explanation, comparison, brokenAt } = describeIntegrity(integrity, Date.now());

  async function fetchAgain(seq: number): Promise<void> {
    setFetching(true);
    // Without a connection nothing changes, and the button can be pressed again.
    await dispatch(loadAgain(conversationId, seq)).catch(() => undefined);
    setFetching(false);
  }

  return (
    <>
      <p
        className={`text-balance font-semibold ${brokenAt === null ? "text-pine" : "text-rust"}`}
        role="status"
      >
        {headline}
      </p>
      <p className="mt-1 text-sm text-soft">{explanation}</p>
      {brokenAt !== null && (
        <Button
          look="outline"
          className="mt-4"
          disabled={isFetching}
          onClick={() => void fetchAgain(brokenAt)}
        >
          {isFetching ? "Fetching …" : "Fetch again"}
        </Button>
      )}
      {comparison && (
        <div className="mt-4 border-thread border-t pt-4 text-sm text-soft">
          <p>At message {comparison.seq} this device has</p>
          <p className="my-1 whitespace-nowrap font-semibold text-ink text-lg tracking-wider">
            {comparison.code}
          </p>
          <p>If {otherName} sees the same there, you both have the same messages.</p>
        </div>
      )}
    </>
  );
}
