export type DeliveryState = "sending" | "sent" | "read" | "failed";

const names: Readonly<Record<DeliveryState, string>> = {
  sending: "Sending",
  sent: "Sent",
  read: "Read",
  failed: "Not sent",
};

/** How certain a message of one's own is: a dotted line, a solid line, a line with the reader's node, a broken one. */
export function DeliveryMark({ state, inWords = false }: { state: DeliveryState; inWords?: boolean }) {
  const color = state === "failed" ? "text-rust" : state === "read" ? "text-pine" : "text-faint";
  return (
    <span className={`inline-flex shrink-0 items-center gap-1.5 ${color}`} title={names[state]}>
      <svg viewBox="0 0 20 8" width="20" height="8" fill="none" stroke="currentColor" aria-hidden="true">
        <DeliveryLine state={state} />
      </svg>
      <span className={inWords ? "text-2xs" : "sr-only"}>{names[state]}</span>
    </span>
  );
}

function DeliveryLine({ state }: { state: DeliveryState }) {
  switch (state) {
    case "sending":
      return (
        <path
          d="M2 4h17"
          strokeWidth="2"
          strokeLinecap="round"
          strokeDasharray="0 4"
          className="animate-travel"
        />
      );
    case "sent":
      return <path d="M2 4h16" strokeWidth="1.5" strokeLinecap="round" />;
    case "read":
      return (
        <>
          <path d="M2 4h10" strokeWidth="1.5" strokeLinecap="round" />
          <circle cx="15.5" cy="4" r="3" fill="currentColor" stroke="none" />
        </>
      );
    case "failed":
      return <path d="M2 4h5M13 4h5M8.5 1.5l3 5" strokeWidth="1.5" strokeLinecap="round" />;
  }
}
