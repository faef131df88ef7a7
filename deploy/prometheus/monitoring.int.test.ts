import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type GoChat, startGoChat } from "@gochat/testing/gochat";
import { connectChat, connectNotifications } from "@gochat/testing/sockets";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readExposition } from "../test/exposition.ts";
import { readQuery } from "../test/promql.ts";

const read = (path: string) => readFile(new URL(path, import.meta.url), "utf8");

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const { groups } = parse(await read("./alerts.yaml")) as { groups: { rules: Alert[] }[] };
const alerts = groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(await read("../grafana/gochat.json")) as { panels: Panel[] };
const panels = dashboard.panels.filter(({ type }) => type !== "row");

/** Of Prometheus itself, and what it adds to each series. */
const prometheusMetrics = { up: ["job", "instance"] };
const targetLabels = ["job", "instance"];

let gochat: GoChat;
let series: ReadonlyMap<string, ReadonlySet<string>>;

beforeAll(async () => {
  gochat = await startGoChat();
  await makeTraffic(gochat);
  series = readExposition(await (await fetch(new URL("/metrics", gochat.url))).text());
});
afterAll(() => gochat[Symbol.asyncDispose]());

/** A little of everything that is counted. */
async function makeTraffic(system: GoChat): Promise<void> {
  const ana = await system.signUp("ana");
  const bob = await system.signUp("bob");
  await using socket = await connectChat(system, ana);
  await using bobSocket = await connectChat(system, bob);
  await using bobsNotifications = await connectNotifications(system, bob);
  await expect(connectChat(system, system.guest())).rejects.toMatchObject({ status: 401 });
  const say = (to: string, id: string = randomUUID()) =>
    socket.send({ type: "message.send", id, to, body: "hello" });
  const id = randomUUID();
  say(bob.id, id);
  await bobSocket.receives("message.stored");
  say(bob.id, id);
  await bobSocket.receives("message.stored");
  await bobsNotifications.receives("notification");
  say(randomUUID());
  await socket.receives("message.rejected");
  for (let count = 0; count < 100; count++) say(bob.id);
  await socket.receives("message.rejected", ({ code }) => code === "BUSY");
  await ana.request("GET", "/api/users");
  await ana.request("GET", "/api/nothing");
  socket.sendText("no JSON");
  await socket.closed;
  await system.settle();
}

/** What is wrong with a query, measured against what this GoChat shows. */
function complaintsAbout(expression: string): string[] {
  const { mistakes, metrics, labels } = readQuery(expression.replaceAll("$__rate_interval", "5m"));
  const labelsOf = (metric: string) => prometheusMetrics[metric as "up"] ?? series.get(metric);
  const known = new Set([...targetLabels, ...metrics.flatMap((metric) => [...(labelsOf(metric) ?? [])])]);
  return [
    ...mistakes.map((mistake) => `cannot be read: ${mistake}`),
    ...(metrics.length === 0 ? ["asks for no metric"] : []),
    ...metrics.filter((metric) => !labelsOf(metric)).map((metric) => `nobody emits ${metric}`),
    ...labels.filter((label) => !known.has(label)).map((label) => `no metric in it has the label ${label}`),
  ];
}

describe("each query asks for what a running GoChat shows:", () => {
  test.each(alerts.map(({ alert, expr }) => [alert, expr]))("alert %s", (_name, expr) => {
    expect(complaintsAbout(expr!)).toEqual([]);
  });

  test.each(panels.map(({ title, targets = [] }) => [title, targets] as const))(
    "panel %s",
    (_title, targets) => {
      expect(targets).not.toEqual([]);
      for (const { expr, legendFormat } of targets) {
        expect(complaintsAbout(expr)).toEqual([]);
        const shown = Array.from(legendFormat.matchAll(/\{\{(\w+)\}\}/g), ([, label]) => label);
        for (const label of shown) expect(readQuery(expr).labels).toContain(label);
      }
    },
  );

  test("and a query for something else is found out", () => {
    expect(complaintsAbout("sum(gochat_made_up)")).toEqual(["nobody emits gochat_made_up"]);
    expect(complaintsAbout("sum by (colour) (gochat_sockets_open)")).toEqual([
      "no metric in it has the label colour",
    ]);
    expect(complaintsAbout("sum(gochat_sockets_open")).toHaveLength(1);
  });
});

test("every metric of GoChat is shown or watched", () => {
  const expressions = [
    ...alerts.map(({ expr }) => expr),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];
  const asked = new Set(
    expressions.flatMap((expr) => readQuery(expr.replaceAll("$__rate_interval", "5m")).metrics),
  );
  const family = (name: string) => name.replace(/_(bucket|sum|count)$/, "");
  const families = new Set([...asked].map(family));
  const unasked = [...series.keys()].filter(
    (name) => name.startsWith("gochat_") && !families.has(family(name)),
  );
  expect(unasked).toEqual([]);
});

test("metrics are named and labelled as Prometheus asks, and no label is an id", async () => {
  const text = await (await fetch(new URL("/metrics", gochat.url))).text();
  for (const [, name, type] of text.matchAll(/^# TYPE (gochat_\w+) (\w+)$/gm)) {
    expect([name, name!.endsWith("_total")]).toEqual([name, type === "counter"]);
  }
  const own = text.split("\n").filter((line) => line.startsWith("gochat_"));
  expect(own.filter((line) => /[0-9a-f]{8}-[0-9a-f]{4}-/.test(line))).toEqual([]);
});

describe("an alert", () => {
  test("has a severity, a summary, and a row in docs/running.md that says what to do; no row is left over", async () => {
    for (const { labels, annotations } of alerts) {
      expect(["page", "ticket"]).toContain(labels.severity);
      expect(annotations.summary).toMatch(/\.$/);
    }
    const rows = (await read("../../docs/running.md")).matchAll(/^\| `(GoChat\w+)` \|/gm);
    expect(Array.from(rows, ([, name]) => name)).toEqual(alerts.map(({ alert }) => alert));
  });

  test("says in its summary only what its query keeps", () => {
    for (const { alert, expr, annotations } of alerts) {
      const { labels, metrics } = readQuery(expr);
      const isWhole = !/\bby\b|^(sum|max|min)\(/.test(expr);
      const kept = isWhole
        ? [...targetLabels, ...metrics.flatMap((name) => [...(series.get(name) ?? [])])]
        : labels;
      const said = Array.from(annotations.summary.matchAll(/\$labels\.(\w+)/g), ([, label]) => label);
      expect([alert, said.filter((label) => !kept.includes(label!))]).toEqual([alert, []]);
    }
  });
});

test("Prometheus is told of the rules that are there, and where GoChat is", async () => {
  const config = parse(await read("./prometheus.yaml")) as {
    rule_files: string[];
    scrape_configs: { job_name: string }[];
  };
  expect(config.rule_files).toEqual(["alerts.yaml"]);
  for (const { job_name } of config.scrape_configs) expect(job_name).toMatch(/^gochat-/);
});
