import { type ComponentProps, useId, useState } from "react";
import { Button } from "./Button.tsx";
import { Node } from "./Node.tsx";

interface FieldProps extends ComponentProps<"input"> {
  readonly label: string;
  /** What is wrong with it; said by screen readers and shown in place of the hint. Empty: wrong, and said elsewhere. */
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
}

/** A field hangs on the thread like a message: dotted while it is empty, solid once something is written. */
export function Field({ label, error, hint, value, type, ...rest }: FieldProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const [isShown, setShown] = useState(false);
  const isPassword = type === "password";
  const isWritten = String(value ?? "") !== "";
  const isWrong = error !== undefined;
  const note = error || hint;
  return (
    <div className="relative pl-8">
      <span className={`thread left-[0.34rem] ${isWritten ? "" : "thread-dotted"}`} aria-hidden="true" />
      <Node
        kind={isWrong ? "ring" : isWritten ? "filled" : "dotted"}
        className={`absolute top-1 left-0 ${isWrong ? "text-rust" : isWritten ? "text-pine" : "text-faint"}`}
      />
      <label htmlFor={id} className="block text-sm font-medium text-soft">
        {label}
      </label>
      <div className="relative">
        <input
          id={id}
          type={isPassword && isShown ? "text" : type}
          value={value}
          aria-invalid={isWrong ? true : undefined}
          aria-describedby={note ? noteId : undefined}
          className={`mt-0.5 w-full border-b bg-transparent py-2 text-lg text-ink outline-none transition-colors placeholder:text-faint focus:border-pine focus:shadow-[0_1px_0_var(--color-pine)] ${isPassword ? "pr-14" : ""} ${isWrong ? "border-rust" : "border-thread"}`}
          {...rest}
        />
        {isPassword && isWritten && (
          <Button
            look="quiet"
            className="absolute right-0 bottom-2.5 text-sm"
            aria-pressed={isShown}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? "Hide" : "Show"}
            <span className="sr-only">{` ${label.toLowerCase()}`}</span>
          </Button>
        )}
      </div>
      <p id={noteId} className={`min-h-6 pt-1.5 pb-3 text-sm ${error ? "text-rust" : "text-faint"}`}>
        {note}
      </p>
    </div>
  );
}
