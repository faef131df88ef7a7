import { expect, test } from "vitest";
import { fieldSentence, waitSentence } from "./problem-words.ts";

test("what the server says of a field becomes a sentence", () => {
  expect(fieldSentence("username", "is reserved; choose another")).toBe(
    "This username is reserved; choose another.",
  );
});

test.each([
  [1_000, "1 second."],
  [12_000, "12 seconds."],
  [879_000, "15 minutes."],
  [undefined, "5 seconds."],
])("a wait of %s ms is told in %s", (retryAfterMs, words) => {
  expect(waitSentence({ retryAfterMs })).toContain(words);
});
