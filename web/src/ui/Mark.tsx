/** The mark: a short line that ends in a filled node. */
function Mark({ className = "" }: { className?: string }) {
  return (
    <svg viewBox="0 0 26 12" width="26" height="12" aria-hidden="true" className={`text-pine ${className}`}>
      <path d="M1 6h15" stroke="currentColor" strokeWidth="1.75" strokeLinecap="round" />
      <circle cx="20" cy="6" r="4.5" fill="currentColor" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2 text-[1.0625rem] font-semibold tracking-tight text-ink">
      <Mark />
      GoChat
    </span>
  );
}
