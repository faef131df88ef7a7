import { DownIcon } from "../../ui/icons.tsx";

export function JumpToNewest({ unread, onJump }: { unread: number; onJump: () => void }) {
  const count = unread >= 100 ? "99+" : String(unread);
  return (
    <button
      type="button"
      aria-label="Jump to newest"
      aria-describedby={unread > 0 ? "new-below" : undefined}
      onClick={onJump}
      className="animate-settle absolute right-[max(1rem,calc(100%-var(--column)))] bottom-3 flex h-10 items-center gap-2 rounded-full border border-thread bg-leaf px-3 text-sm font-medium text-ink transition-colors hover:border-pine hover:text-pine"
    >
      {unread > 0 && (
        <span id="new-below" className="pl-1 text-pine">
          {count} new
        </span>
      )}
      <DownIcon />
    </button>
  );
}
