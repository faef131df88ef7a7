/** Length in Unicode code points, as the server counts. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _character of text) count++;
  return count;
}

/** What the server would store: trimmed, well-formed, without NUL. */
export function cleanBody(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "").trim();
}
