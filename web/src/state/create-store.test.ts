import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { networkChanged } from "./connectionSlice.ts";
import { createStore } from "./create-store.ts";
import { chatFrames } from "./frames.ts";
import { selectLog } from "./selectors.ts";

const id = "00000000-0000-8000-8000-000000000003";
const stored = (seq: number) =>
  chatFrames["message.stored"]({
    type: "message.stored",
    conversationId: id,
    seq,
    message: {
      conversationId: id,
      seq,
      id: `id-${seq}`,
      senderId: "bob",
      body: "",
      createdAt: "2026-06-17T12:00:00.000Z",
      digest: "",
    },
  });

const page = Object.assign(new EventTarget(), { hidden: false });
let drawFrame: () => void;
beforeEach(() => {
  page.hidden = false;
  drawFrame = () => undefined;
  vi.stubGlobal("document", page);
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => {
    drawFrame = callback;
    return 7;
  });
  vi.stubGlobal("cancelAnimationFrame", vi.fn());
});
afterEach(() => vi.unstubAllGlobals());

/** A store, what it tells `react`, and the seqs that each call of a subscriber finds. */
function openStore() {
  const told: string[] = [];
  const drawn: number[][] = [];
  const store = createStore({
    extra: { api: {} as never },
    devTools: false,
    react: ({ type }) => told.push(`${type}, up to ${selectLog(store.getState(), id).applied}`),
  });
  store.subscribe(() => drawn.push(selectLog(store.getState(), id).messages.map(({ seq }) => seq)));
  return { store, told, drawn };
}

it("has each frame in the state at once and in order, and draws together what came before an animation frame", async () => {
  const { store, told, drawn } = openStore();
  store.dispatch(stored(1));
  store.dispatch(stored(2));
  expect(told).toEqual([1, 2].map((seq) => `chat/frameReceived/message.stored, up to ${seq}`));
  await new Promise(setImmediate);
  expect(drawn).toEqual([]);
  drawFrame();
  await new Promise(setImmediate);
  expect(drawn).toEqual([[1, 2]]);
  store.dispatch(stored(3));
  drawFrame();
  await new Promise(setImmediate);
  expect(drawn).toEqual([
    [1, 2],
    [1, 2, 3],
  ]);
});

it("draws at once what somebody does here, and with it what came before", async () => {
  const { store, drawn } = openStore();
  store.dispatch(stored(1));
  store.dispatch(networkChanged(false));
  expect(drawn).toEqual([[1]]);
  drawFrame();
  await new Promise(setImmediate);
  expect(drawn).toHaveLength(1);
});

it("waits for no animation frame in a hidden page", async () => {
  const { store, drawn } = openStore();
  page.hidden = true;
  store.dispatch(stored(1));
  await new Promise(setImmediate);
  expect(drawn).toEqual([[1]]);
});
