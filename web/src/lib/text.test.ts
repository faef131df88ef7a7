import { expect, test } from "vitest";
import { isOnlyEmoji } from "./text.ts";

test.each(["👍", "🙂🙂", "👩‍👩‍👧 🇮🇪 ❤️"])("%s is only emoji", (text) => {
  expect(isOnlyEmoji(text)).toBe(true);
});

test.each(["", "1", "#", "👍 yes", "🙂🙂🙂🙂"])("%j is not", (text) => {
  expect(isOnlyEmoji(text)).toBe(false);
});
