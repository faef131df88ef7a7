import { limits } from "@gochat/contracts/limits";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { draftOf, keepDraft } from "../../lib/drafts.ts";
import { hasCoarsePointer } from "../../lib/pointer.ts";
import { countOf } from "../../lib/problem-words.ts";
import { characterCount, cleanBody } from "../../lib/text.ts";
import { useClient } from "../../realtime/client-context.ts";
import { selectMe } from "../../state/selectors.ts";
import { useAppSelector } from "../../state/state.ts";
import { SendIcon } from "../../ui/icons.tsx";

interface ComposerProps {
  readonly conversationId: string;
  readonly otherId: string;
  readonly otherName: string;
  readonly inputRef: RefObject<HTMLTextAreaElement | null>;
  readonly text: string;
  setText(text: string): void;
  onSend(): void;
}

/** Characters from the end at which the count appears. */
const warnAt = 200;

/** The text of the composer, kept until it is sent. */
export function useDraft(conversationId: string) {
  const me = useAppSelector(selectMe);
  const [text, setText] = useState(() => draftOf(me, conversationId));
  useEffect(() => keepDraft(me, conversationId, text), [me, conversationId, text]);
  return [text, setText] as const;
}

/**
 * Where one writes; on the thread it is the loose end. Enter sends and Shift+Enter makes a new line. On a keyboard of
 * glass Enter makes a new line, and the button sends.
 */
export function Composer(props: ComposerProps) {
  const { conversationId, otherId, otherName, inputRef, text, setText, onSend } = props;
  const { realtime } = useClient();
  const body = cleanBody(text);
  const left = limits.maxBodyCharacters - characterCount(body);
  const canSend = body !== "" && left >= 0;

  function change(next: string): void {
    setText(next);
    if (cleanBody(next) !== "") realtime.tellTyping(conversationId);
  }

  function send(): void {
    if (!canSend) return;
    realtime.write(conversationId, otherId, body);
    setText("");
    onSend();
    inputRef.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    if (hasCoarsePointer()) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="relative flex max-w-[44rem] items-end gap-2 pr-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] pl-14"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div
        className={`min-w-0 flex-1 border-b transition-colors focus-within:border-pine ${text ? "border-soft" : "border-thread"}`}
      >
        <textarea
          ref={inputRef}
          aria-label="Message"
          aria-describedby={left < warnAt ? "characters-left" : undefined}
          placeholder={`Write to ${otherName}`}
          value={text}
          rows={Math.min(6, text.split("\n").length)}
          enterKeyHint={hasCoarsePointer() ? "enter" : "send"}
          onChange={({ target }) => change(target.value)}
          onKeyDown={onKeyDown}
          className="scroll-quiet block max-h-44 min-h-11 w-full resize-none bg-transparent py-2.5 leading-6 outline-none [field-sizing:content] placeholder:text-faint"
        />
        {left < warnAt && (
          <p id="characters-left" className={`py-1 text-2xs ${left < 0 ? "text-rust" : "text-faint"}`}>
            {left < 0 ? `${countOf(-left, "character")} too many` : `${countOf(left, "character")} left`}
          </p>
        )}
      </div>
      <button
        type="submit"
        aria-label="Send"
        disabled={!canSend}
        className="grid size-11 shrink-0 place-items-center rounded-full bg-pine text-on-pine transition-colors hover:bg-pine-deep disabled:bg-wash disabled:text-faint"
      >
        <SendIcon />
      </button>
    </form>
  );
}
