import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nextFrame } from "./next-frame.ts";

const draw = vi.fn<(callback: () => void) => number>();
const page = Object.assign(new EventTarget(), { hidden: false });
beforeEach(() => {
  page.hidden = false;
  draw.mockReset().mockReturnValue(7);
  vi.stubGlobal("document", page);
  vi.stubGlobal("requestAnimationFrame", draw);
  vi.stubGlobal("cancelAnimationFrame", vi.fn());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("waits for the frame", async () => {
  const drawn = vi.fn();
  const waiting = nextFrame().then(drawn);
  await new Promise(setImmediate);
  expect(drawn).not.toHaveBeenCalled();
  draw.mock.calls[0]![0]();
  await waiting;
  expect(drawn).toHaveBeenCalledOnce();
});

it("waits for none where the page is hidden, or gets hidden meanwhile", async () => {
  page.hidden = true;
  await nextFrame();
  expect(draw).not.toHaveBeenCalled();
  page.hidden = false;
  const waiting = nextFrame();
  page.dispatchEvent(new Event("visibilitychange"));
  await waiting;
  expect(draw).toHaveBeenCalledOnce();
});

it("waits no longer than it was told to", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const drawn = vi.fn();
  const waiting = nextFrame(100).then(drawn);
  await vi.advanceTimersByTimeAsync(99);
  expect(drawn).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await waiting;
  expect(cancelAnimationFrame).toHaveBeenCalledWith(7);
});
