/** One line that is always there, so that nothing moves when somebody begins to type. */
export function TypingLine({ name, isTyping }: { name: string; isTyping: boolean }) {
  return (
    <p className="relative h-7 pr-4 pl-14 text-sm leading-7 text-pine" aria-live="polite">
      <span className="thread thread-dotted left-[1.84rem]" aria-hidden="true" />
      {isTyping && (
        <span className="animate-settle flex items-center">
          <span className="min-w-0 truncate">{name}</span>
          <span className="shrink-0 whitespace-pre">{" is typing"}</span>
          <svg className="ml-2 shrink-0" viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
            <path
              d="M2 4h21"
              stroke="currentColor"
              strokeWidth="2.5"
              strokeLinecap="round"
              strokeDasharray="0 6"
              className="animate-travel"
            />
          </svg>
        </span>
      )}
    </p>
  );
}
