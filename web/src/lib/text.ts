/** Length in Unicode code points, as the server counts. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

const emoji = /^(?:\p{RGI_Emoji}\s*){1,3}$/v;

/** One to three emoji and nothing else: they are shown large. */
export function isOnlyEmoji(text: string): boolean {
  return text.length <= 60 && emoji.test(text);
}

/** What the server would store: trimmed, well-formed, without NUL. */
export function cleanBody(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "").trim();
}
