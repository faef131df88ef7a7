import type { Message } from "@gochat/contracts/http/conversations";
import { useRef } from "react";

interface AnnouncerProps {
  readonly messages: readonly Message[];
  readonly me: string;
  readonly name: string;
}

interface Said {
  /** The seq of the newest message. */
  readonly upTo: number;
  readonly news: readonly Message[];
}

/** Of what came at once, more would take a screen reader longer than looking. */
const mostAtOnce = 3;

/** Reads out what the other person writes while the conversation is open; history is not news. */
export function Announcer({ messages, me, name }: AnnouncerProps) {
  const said = useRef<Said>(undefined);
  // A cache: what is drawn again says the same.
  said.current = sayNext(said.current, messages, me);
  return (
    <div className="sr-only" aria-live="polite">
      {said.current?.news.map(({ seq, body }) => (
        <p key={seq}>{`${name}: ${body}`}</p>
      ))}
    </div>
  );
}

/** What to read out now, after what was said before: the last few of what was drawn together. */
export function sayNext(
  before: Said | undefined,
  messages: readonly Message[],
  me: string,
): Said | undefined {
  const upTo = messages.at(-1)?.seq;
  if (upTo === undefined) return before;
  if (!before) return { upTo, news: [] };
  if (upTo <= before.upTo) return before;
  const fresh = messages.slice(messages.findLastIndex(({ seq }) => seq <= before.upTo) + 1);
  return { upTo, news: fresh.filter(({ senderId }) => senderId !== me).slice(-mostAtOnce) };
}
