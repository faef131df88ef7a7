export interface TextPart {
  readonly text: string;
  /** Present where the part is an address; always http, https or mailto. */
  readonly href?: string;
}

const address =
  /(?<![\w@.-])(?:https?:\/\/[^\s<>"'`]+|www\.[^\s<>"'`]+|[\w.%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})/giu;
const closing: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Splits a message into plain text and links: web addresses, those that begin with www, and e-mail addresses. */
export function splitLinks(body: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of body.matchAll(address)) {
    const text = withoutSentenceEnd(match[0]);
    const href = hrefOf(text);
    if (href === undefined) continue;
    if (match.index > end) parts.push({ text: body.slice(end, match.index) });
    parts.push({ text, href });
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

function hrefOf(text: string): string | undefined {
  const isWeb = /^https?:/i.test(text);
  const href = isWeb ? text : /^www\./i.test(text) ? `https://${text}` : `mailto:${text}`;
  const url = URL.parse(href);
  // A host of one word is fine where somebody wrote the protocol; "www.." is a slip.
  const isPlace = url && (isWeb || href.startsWith("mailto:") || /^www\.[^.]+\.[^.]/i.test(url.hostname));
  return isPlace ? href : undefined;
}
