import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { services } from "@gochat/server/services";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { failuresOf } from "../test/gateway-nodes.ts";
import { readStages, stageNamed } from "../test/image-stages.ts";
import {
  containersOf,
  type KubernetesObject,
  objectNamed,
  objectsOf,
  workloadsOf,
} from "../test/kubernetes-objects.ts";
import { buildOverlay, overlays } from "../test/kubernetes-overlays.ts";
import { danglingReferences } from "../test/kubernetes-references.ts";
import { schemaErrors } from "../test/kubernetes-schemas.ts";

const repository = resolve(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(repository, path), "utf8");
const names = Object.keys(services);
const { version } = JSON.parse(read("package.json"));
const allowedImages = [`gochat:${version}`, `gochat-web:${version}`, "postgres:18", "rabbitmq:4", "redis:8"];

describe.each(overlays)("the overlay %s", (overlay) => {
  let objects: KubernetesObject[];
  beforeAll(async () => {
    objects = await buildOverlay(overlay);
  });

  test("is what the schemas of Kubernetes ask for", async () => {
    expect(await schemaErrors(objects)).toEqual([]);
  });

  test("names nothing that is not there", () => {
    expect(danglingReferences(objects)).toEqual([]);
  });

  test("lets no pod be root, write to its image, call what it need not or take all of a node", () => {
    for (const workload of workloadsOf(objects)) {
      const pod = workload.spec.template.spec;
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
      for (const container of containersOf(workload)) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        const amounts = { cpu: expect.any(String), memory: expect.any(String) };
        expect(container.resources).toEqual({ requests: amounts, limits: amounts });
        expect(allowedImages).toContain(container.image);
      }
    }
  });

  test("runs the five services and NGINX, each ready before its predecessor goes", () => {
    const deployments = objectsOf(objects, "Deployment");
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual([...names, "web"].sort());
    for (const { spec } of deployments) {
      expect(spec.strategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 1 });
      // Longer than the 15 s after which GoChat and NGINX leave by themselves.
      expect(spec.template.spec.terminationGracePeriodSeconds).toBe(30);
      expect(spec.template.spec.containers[0].lifecycle).toBeUndefined();
    }
    for (const name of names) {
      const [container] = objectNamed(objects, "Deployment", name).spec.template.spec.containers;
      expect(container.args).toEqual([name]);
      expect(container.startupProbe.httpGet).toEqual({ path: "/healthz", port: "http" });
      expect(container.livenessProbe.httpGet).toEqual({ path: "/healthz", port: "http" });
      expect(container.readinessProbe.httpGet).toEqual({ path: "/readyz?optional=cache", port: "http" });
    }
  });

  test("runs the migrations of every service that owns data before it", () => {
    for (const { name, migrations } of Object.values(services)) {
      const { initContainers = [] } = objectNamed(objects, "Deployment", name).spec.template.spec;
      const commands = initContainers.map(({ args }: { args: string[] }) => args);
      expect(commands).toEqual(migrations ? [["migrate", name]] : []);
    }
  });

  test("gives auth alone the private keys, and to every service settings that it knows", () => {
    const table = read("docs/running.md").matchAll(/^\| `([A-Z][A-Z_]+)` \|/gm);
    const settings = new Set(Array.from(table, ([, name]) => name!));
    // Each URL may be in a file.
    const isKnown = (name: string) => settings.has(name) || settings.has(name.replace(/_URL_FILE$/, "_URL"));
    const given = Object.keys(objectsOf(objects, "ConfigMap").find(isSettings)!.data);
    for (const name of names) {
      const containers = containersOf(objectNamed(objects, "Deployment", name));
      const own = containers.flatMap(({ env = [] }) => env.map((variable) => variable.name));
      expect(own.includes("KEYS_FILE")).toBe(name === "auth");
      expect([...own, ...given].filter((name) => !isKnown(name))).toEqual([]);
    }
  });

  test("fills in all of NGINX's template", () => {
    const template = read("deploy/nginx/nginx.conf.template").matchAll(/\$\{(\w+)\}/g);
    const { steps } = stageNamed(readStages(read("deploy/docker/Dockerfile")), "web");
    const image = steps.flatMap((step) => (step.keyword === "ENV" ? Object.keys(step.variables) : []));
    const cluster = Object.keys(objectsOf(objects, "ConfigMap").find((map) => !isSettings(map))!.data);
    const filled = new Set([...image, ...cluster]);
    expect(Array.from(template, ([, name]) => name!).filter((name) => !filled.has(name))).toEqual([]);
  });

  test("tells NGINX where each service is", () => {
    const { data } = objectsOf(objects, "ConfigMap").find((map) => !isSettings(map))!;
    for (const name of names) {
      const { metadata, spec } = objectNamed(objects, "Service", name);
      const host = `${metadata.name}.${metadata.namespace}.svc.cluster.local`;
      expect(data[`${name.toUpperCase()}_SERVERS`]).toBe(
        `resolver kube-dns.kube-system.svc.cluster.local valid=5s; server ${host}:${spec.ports[0].port} resolve ${failuresOf(name)};`,
      );
    }
  });

  test("lets chat and notifications grow, and never takes more than one pod of anything away", () => {
    const scaled = objectsOf(objects, "HorizontalPodAutoscaler").map(({ metadata }) => metadata.name);
    expect(scaled.sort()).toEqual(["chat", "notifications"]);
    const budgets = objectsOf(objects, "PodDisruptionBudget");
    expect(budgets.map(({ metadata }) => metadata.name).sort()).toEqual([...names, "web"].sort());
    for (const { spec } of budgets) expect(spec.maxUnavailable).toBe(1);
  });
});

test("an object with a field that is unknown, missing or of another type is refused", async () => {
  const chat = objectNamed(await buildOverlay("single"), "Deployment", "chat");
  const [unknown, missing, other] = [structuredClone(chat), structuredClone(chat), structuredClone(chat)];
  unknown.spec.template.spec.containers[0].imagePolicy = "Always";
  delete missing.spec.selector;
  other.spec.minReadySeconds = "ten";
  expect((await schemaErrors([unknown])).join()).toContain("imagePolicy");
  expect((await schemaErrors([missing])).join()).toContain("selector");
  expect((await schemaErrors([other])).join()).toContain("minReadySeconds");
});

test("a kubectl that is too old says so, and what to do", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gochat-kubectl-"));
  const old = join(folder, "kubectl");
  await writeFile(old, `#!/bin/sh\necho '{"clientVersion":{"gitVersion":"v1.20.2"}}'\n`, { mode: 0o755 });
  vi.stubEnv("KUBECTL_PATH", old);
  try {
    await expect(buildOverlay("single")).rejects.toThrow(/v1\.20\.2, and the overlays need 1\.27: install/);
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
});

function isSettings({ metadata }: KubernetesObject): boolean {
  return metadata.name.startsWith("settings-");
}
