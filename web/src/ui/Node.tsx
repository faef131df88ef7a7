import type { Person } from "@gochat/contracts/http/users";

interface NodeProps {
  readonly kind: "filled" | "ring" | "dotted";
  readonly size?: number;
  readonly className?: string;
}

/** A node on the thread: filled = certain and here, ring = certain and away, dotted = not known. */
export function Node({ kind, size = 11, className = "" }: NodeProps) {
  return (
    <svg viewBox="0 0 11 11" width={size} height={size} aria-hidden="true" className={className}>
      {kind === "filled" ? (
        <circle cx="5.5" cy="5.5" r="5" fill="currentColor" />
      ) : (
        <circle
          cx="5.5"
          cy="5.5"
          r="4.5"
          fill="var(--color-paper)"
          stroke="currentColor"
          strokeWidth={kind === "dotted" ? 1.6 : 1.4}
          strokeLinecap="round"
          strokeDasharray={kind === "dotted" ? "0 2.83" : undefined}
        />
      )}
    </svg>
  );
}

const kinds = { online: "filled", offline: "ring", unknown: "dotted" } as const;

export function PresenceNode({ status, size = 11 }: { status: Person["status"]; size?: number }) {
  return (
    <Node kind={kinds[status]} size={size} className={status === "online" ? "text-pine" : "text-faint"} />
  );
}
