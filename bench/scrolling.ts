import type { Page } from "playwright-core";
import type { Figure } from "./scenario.ts";

/** Of about 370 messages that go by. Where the log stands still, frames say nothing, however many they are. */
const fewestShown = 250;

/**
 * Up through the history as fast as a hand turns a wheel, and a little down again; answers how long each frame took,
 * and how many different messages could be seen. As text, since it runs in the page. What scrolls is the log or
 * something in it.
 */
const scroll = `(async () => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const log = document.querySelector('[role="log"]');
  const scroller = [log, ...log.querySelectorAll("*"), log.parentElement].find(
    ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 100 && clientHeight > 100);
  if (!scroller) return { times: [], shown: 0 };
  const { top, bottom } = scroller.getBoundingClientRect();
  const times = [];
  const shown = new Set();
  let before = await nextFrame();
  for (const pixels of [-60, -60, -60, 60]) {
    for (let frame = 0; frame < 150; frame++) {
      scroller.scrollBy(0, pixels);
      const now = await nextFrame();
      times.push(now - before);
      before = now;
      for (const message of log.querySelectorAll("[data-seq]")) {
        const box = message.getBoundingClientRect();
        if (box.bottom > top && box.top < bottom) shown.add(message.dataset.seq);
      }
    }
  }
  return { times, shown: shown.size };
})()`;

export async function measureScrolling(page: Page): Promise<Figure[]> {
  const { times, shown } = await page.evaluate<{ times: number[]; shown: number }>(scroll);
  if (shown < fewestShown)
    throw new Error(
      `Scrolling showed ${shown} different messages, and at least ${fewestShown} were to go by.`,
    );
  const seconds = times.reduce((sum, time) => sum + time, 0) / 1_000;
  return [
    { what: "web: scrolling, different messages shown", value: shown, unit: "" },
    { what: "web: scrolling, frames", value: times.length / seconds, unit: "a second" },
    { what: "web: scrolling, the longest frame", value: Math.max(...times), unit: "ms" },
    { what: "web: scrolling, frames over 50 ms", value: times.filter((time) => time > 50).length, unit: "" },
  ];
}
