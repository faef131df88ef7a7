import { expect, test } from "vitest";
import type { Fact } from "../history.ts";
import { writeDeadLetters } from "./dead-letters.ts";

const letter = (...ids: string[]) => ({ events: ids.map((id) => ({ id })), reason: "poison" });

function startHistory() {
  const facts: Fact[] = [];
  const history = { write: (fact: Fact) => void facts.push(fact) };
  const ids = () => facts.map((fact) => (fact.kind === "deadLetter" ? fact.id : fact.kind));
  return { history, ids };
}

test("a dead letter is written down once, however often somebody looks", () => {
  const { history, ids } = startHistory();
  writeDeadLetters(history, [letter("a")]);
  expect(writeDeadLetters(history, [letter("a"), letter("b", "c")])).toEqual(new Set(["a", "b", "c"]));
  expect(ids()).toEqual(["a", "b", "c"]);
});

test("one that the queues hold twice is written down twice, for the checker to see", () => {
  const { history, ids } = startHistory();
  writeDeadLetters(history, [letter("a")]);
  writeDeadLetters(history, [letter("a"), letter("a")]);
  expect(ids()).toEqual(["a", "a"]);
});

test("what is no event is known by what looks like an id in it", () => {
  const { history, ids } = startHistory();
  const id = "7be4af51-69e1-47ef-9cad-dde5d1ecdaed";
  writeDeadLetters(history, [{ events: [`{ garbage ${id}`], reason: "no envelope" }]);
  expect(ids()).toEqual([id]);
});
