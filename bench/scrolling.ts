import type { Page } from "playwright-core";
import type { Figure } from "./scenario.ts";

/**
 * Up through the history as fast as a hand turns a wheel, and a little down again; answers how long each frame took.
 * As text, since it runs in the page. What scrolls is the log or something in it.
 */
const scroll = `(async () => {
  const nextFrame = () => new Promise(requestAnimationFrame);
  const log = document.querySelector('[role="log"]');
  const scroller = [log, ...log.querySelectorAll("*"), log.parentElement].find(
    ({ scrollHeight, clientHeight }) => scrollHeight > clientHeight + 100 && clientHeight > 100);
  const times = [];
  let before = await nextFrame();
  for (const pixels of [-60, -60, -60, 60]) {
    for (let frame = 0; frame < 150; frame++) {
      scroller.scrollBy(0, pixels);
      const now = await nextFrame();
      times.push(now - before);
      before = now;
    }
  }
  return times;
})()`;

export async function measureScrolling(page: Page): Promise<Figure[]> {
  const frames = await page.evaluate<number[]>(scroll);
  const seconds = frames.reduce((sum, time) => sum + time, 0) / 1_000;
  return [
    { what: "web: scrolling, frames", value: frames.length / seconds, unit: "a second" },
    { what: "web: scrolling, the longest frame", value: Math.max(...frames), unit: "ms" },
    { what: "web: scrolling, frames over 50 ms", value: frames.filter((time) => time > 50).length, unit: "" },
  ];
}
