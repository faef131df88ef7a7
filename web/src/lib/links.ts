export interface TextPart {
  readonly text: string;
  /** Present where the part is an address; always http or https. */
  readonly href?: string;
}

const address = /\bhttps?:\/\/[^\s<>"'`]+/giu;
const closing: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Splits a message into plain text and links. Nothing but http and https ever becomes a link. */
export function splitLinks(body: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of body.matchAll(address)) {
    const text = withoutSentenceEnd(match[0]);
    if (!isAddress(text)) continue;
    if (match.index > end) parts.push({ text: body.slice(end, match.index) });
    parts.push({ text, href: text });
    end = match.index + text.length;
  }
  if (end < body.length) parts.push({ text: body.slice(end) });
  return parts;
}

/** "See https://example.org/a)." is a link to `https://example.org/a`; a bracket that the address opened stays. */
function withoutSentenceEnd(found: string): string {
  let text = found;
  for (;;) {
    const last = text.at(-1) ?? "";
    const opening = closing[last];
    const isUnopened = opening !== undefined && count(text, last) > count(text, opening);
    if (!isUnopened && !/[.,;:!?*_~]/.test(last)) return text;
    text = text.slice(0, -1);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
