import { findChromium } from "@gochat/engines/chromium";
import { type CDPSession, chromium, type Page } from "playwright-core";
import { fillConversations } from "./fill/conversations.ts";
import { type FilledPerson, fillPeople, seatOf } from "./fill/people.ts";
import { measure } from "./load/measure.ts";
import type { Seat } from "./load/plan.ts";
import { signUpPeople } from "./people.ts";
import { type Figure, type Findings, type Options, scaled } from "./scenario.ts";
import { measureScrolling } from "./scrolling.ts";
import { startServer } from "./server.ts";
import { type Target, temporaryFolder } from "./target.ts";
import { filesOf, type PageName, sizeFigures } from "./web-size.ts";

/** A phone in a bad place: a processor four times slower than this one, Chromium's own "Slow 4G" as network. */
const slowProcessor = 4;
const slowNetwork = { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 94_000 };
/** An hour of a lively talk, twenty messages a minute, in quick motion. */
const hourOfMessages = 1_200;
/** At 400, the server, which shares the processors with Chromium, refused messages as BUSY in some runs. */
const quickMotionPerSecond = 200;
const loadTimeoutMs = 60_000;
/** As text, since it runs in the page. */
const watchTasks = `globalThis.held = [];
new PerformanceObserver((list) => held.push(...list.getEntries().map(({ duration }) => duration)))
  .observe({ type: "longtask" });`;

/** The web client in Chromium, against the single process. */
export async function benchWeb(options: Options): Promise<Findings> {
  const sizes = sizeFigures();
  if (!sizes) return { notes: ["The web client was left out, since it is not built (npm run build)."] };
  await using folder = await temporaryFolder();
  await using server = await startServer(folder.path);
  return { figures: [...sizes, ...(await measureWeb(server, options))] };
}

export async function measureWeb(target: Target, options: Pick<Options, "scale">): Promise<Figure[]> {
  const { seats } = await signUpPeople(target.url, 1);
  const reader = seats[0]!;
  const friends = await fillPeople(target, 20, "friend");
  const [friend, ...others] = friends as [FilledPerson, ...FilledPerson[]];
  const me = { id: reader.userId };
  await fillConversations(
    target,
    others.map((other) => [me, other] as const),
    3,
  );
  const filled = scaled(100_000, options, 500);
  const [id = ""] = await fillConversations(target, [[me, friend]], filled);
  const address = `${target.url}/c/${id}`;
  await using browser = await chromium.launch({
    executablePath: findChromium(),
    args: ["--no-sandbox", "--disable-gpu"],
  });

  async function openPage(person?: Seat): Promise<{ page: Page; tools: CDPSession }> {
    const context = await browser.newContext({
      viewport: { width: 1_280, height: 800 },
      reducedMotion: "reduce",
    });
    if (person) await context.addCookies(cookiesOf(person, target.url));
    const page = await context.newPage();
    page.setDefaultTimeout(loadTimeoutMs);
    return { page, tools: await context.newCDPSession(page) };
  }

  const slow = await openPage(reader);
  await slow.tools.send("Network.enable");
  await slow.tools.send("Network.emulateNetworkConditions", slowNetwork);
  await slow.tools.send("Emulation.setCPUThrottlingRate", { rate: slowProcessor });
  const { firstMs, tasks } = await timeToConversation(slow.page, address);
  await slow.page.context().close();

  const { page, tools } = await openPage(reader);
  await timeToConversation(page, address);
  await checkFetched(page, "a conversation");
  const scrolling = await measureScrolling(page);
  // At the end, where the page draws each message that comes.
  await page.locator('[role="log"]').press("End");
  await waitForMessage(page, filled);
  const before = await heapOf(tools);
  const pairs = [{ sender: seatOf(target, friend), recipient: reader }];
  const seconds = scaled(hourOfMessages, options, quickMotionPerSecond) / quickMotionPerSecond;
  const pace = { perSecond: quickMotionPerSecond };
  const plan = { protocol: "gochat", pairs, pace, seconds, warmUpSeconds: 0.1, bodyLength: 80 } as const;
  const { arrived, lost } = await measure(target, plan);
  if (lost > 0)
    throw new Error(`Of an hour's messages ${lost} were not stored, so the heap would be of fewer.`);
  const stored = performance.now();
  await waitForMessage(page, filled + arrived);
  const behindMs = performance.now() - stored;
  const after = await heapOf(tools);
  const guest = await openPage();
  await checkHeaded(page, `${target.url}/account`, "the account page");
  await checkHeaded(guest.page, `${target.url}/sign-in`, "the sign-in page");
  return [
    { what: "web: slow phone, to the first conversation", value: firstMs / 1_000, unit: "s" },
    { what: "web: slow phone, tasks over 50 ms", value: tasks.length, unit: "" },
    { what: "web: slow phone, the longest task", value: Math.max(0, ...tasks), unit: "ms" },
    ...scrolling,
    { what: "web: heap of an open conversation", value: before, unit: "MB" },
    { what: "web: an hour of messages, shown after they are stored", value: behindMs / 1_000, unit: "s" },
    { what: "web: heap after an hour of messages", value: after, unit: "MB" },
  ];
}

/** Until a message is in view, in an empty browser; with the tasks that held up its main thread. */
async function timeToConversation(
  page: Page,
  address: string,
): Promise<{ firstMs: number; tasks: number[] }> {
  await page.addInitScript({ content: watchTasks });
  const began = performance.now();
  await page.goto(address, { waitUntil: "commit" });
  await page.locator("[data-seq]").first().waitFor();
  const firstMs = performance.now() - began;
  const tasks = await page.evaluate<number[]>("held");
  return { firstMs, tasks };
}

async function checkHeaded(page: Page, address: string, name: PageName): Promise<void> {
  await page.goto(address);
  await page.locator("h1").first().waitFor();
  await checkFetched(page, name);
}

/** That the sizes are of the files that Chromium fetched for this page, no more and no fewer. */
async function checkFetched(page: Page, name: PageName): Promise<void> {
  const resources = await page.evaluate<string[]>(
    'performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname.slice(1))',
  );
  const fetched = new Set(resources.filter((path) => /\.(js|css)$/.test(path)).concat("index.html"));
  const difference = [...fetched.symmetricDifference(new Set(filesOf(name)))];
  if (difference.length === 0) return;
  throw new Error(
    `What Chromium fetched for ${name} differs from what was counted: ${difference.join(", ")}.`,
  );
}

/** The heap is that of so many messages only when the page has come to the last. */
async function waitForMessage(page: Page, seq: number): Promise<void> {
  const message = page.locator(`[data-seq="${seq}"]`);
  await message.waitFor().catch((cause: unknown) => {
    throw new Error(`The page did not show message ${seq} within ${loadTimeoutMs / 1_000} s.`, { cause });
  });
}

/** In MB, after a collection. */
async function heapOf(tools: CDPSession): Promise<number> {
  await tools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await tools.send("Runtime.getHeapUsage");
  return usedSize / 1_000_000;
}

function cookiesOf({ headers }: Seat, url: string) {
  return headers.cookie!.split("; ").map((cookie) => {
    const split = cookie.indexOf("=");
    return { name: cookie.slice(0, split), value: cookie.slice(split + 1), url };
  });
}
