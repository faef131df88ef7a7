import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { serviceNames } from "@gochat/contracts/events/event";
import { DCLinter } from "dclint";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { failuresOf } from "../test/gateway-nodes.ts";
import { readStages, stageNamed } from "../test/image-stages.ts";
import { secretFiles } from "../test/kubernetes-overlays.ts";

const repository = resolve(import.meta.dirname, "../..");
const path = join(repository, "compose.yaml");
const text = readFileSync(path, "utf8");

interface Container {
  readonly image: string;
  readonly user?: string;
  readonly restart: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

const file: { services: Record<string, Container>; networks: Record<string, { internal?: boolean }> } = parse(
  text,
  { merge: true },
);
const containers = Object.entries(file.services);
const engines = ["postgres", "rabbitmq", "redis"];
const { version } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const images = [`gochat:${version}`, `gochat-web:${version}`, "postgres:18", "rabbitmq:4", "redis:8"];

/** dclint's own types do not resolve as a module of TypeScript. */
interface LintResult {
  readonly messages: readonly { readonly type: string; readonly message: string }[];
}

/** Order and quotes are ours; the port is for everyone, and what is built has a name. */
function lintErrors(compose: string): string[] {
  const rules = { "no-build-and-image": 0, "no-unbound-port-interfaces": 0 } as const;
  const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] });
  const results: readonly LintResult[] = linter.lintFiles([compose], false);
  const found = results.flatMap(({ messages }) => messages);
  return found.filter(({ type }) => type === "error").map(({ message }) => message);
}

test("compose.yaml is what the Compose Specification asks for", async () => {
  expect(lintErrors(path)).toEqual([]);
  const folder = await mkdtemp(join(tmpdir(), "gochat-compose-"));
  const misspelt = join(folder, "compose.yaml");
  await writeFile(misspelt, text.replaceAll("read_only:", "readonly:"));
  expect(lintErrors(misspelt).join()).toContain("additional properties");
  await rm(folder, { recursive: true });
});

test("it has the five services, NGINX, the three engines, and what makes the secrets", () => {
  const names = containers.map(([name]) => name).sort();
  expect(names).toEqual([...serviceNames, ...engines, "web", "secrets"].sort());
});

describe.each(containers)("%s", (name, container) => {
  test("has no rights, writes to its volumes only, has a bound, and comes back", () => {
    expect(container).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      pids_limit: expect.any(Number),
      mem_limit: expect.stringMatching(/^\d+[mg]$/),
      restart: name === "secrets" ? "no" : "unless-stopped",
    });
    expect(images).toContain(container.image);
    expect(container.ports !== undefined).toBe(name === "web");
    // The user of GoChat's own images is not root; who makes the secrets talks to nobody.
    const isOwn = container.image.startsWith("gochat");
    if (name === "secrets") expect(container.network_mode).toBe("none");
    else if (!isOwn) expect(container.user).toBe("999:999");
    else expect(container.user).toBeUndefined();
  });

  test("is asked whether it is well, and starts when it has what it needs", () => {
    if (name === "secrets") return expect(container.depends_on).toBeUndefined();
    // NGINX's image asks by itself.
    if (name !== "web") expect(container.healthcheck?.test?.[0]).toBe("CMD");
    const waited = Object.entries(container.depends_on ?? {});
    expect(waited.length).toBeGreaterThan(0);
    for (const [other, { condition }] of waited) {
      expect(condition).toBe(other === "secrets" ? "service_completed_successfully" : "service_healthy");
    }
  });

  test("holds no password, and the secrets that it names are made for it", async () => {
    const given = Object.entries(container.environment ?? {});
    for (const [variable] of given)
      expect(variable).not.toMatch(/(PASSWORD|SECRET|TOKEN|_URL)$(?<!PUBLIC_URL)/);
    const words = [...given.map(([, value]) => value), ...(container.command ?? [])];
    const named = words.flatMap((word) => /^\/run\/gochat\/(.+)$/.exec(word)?.[1] ?? []);
    const part = engines.includes(name) ? "engines" : "services";
    const made = await secretFiles(join(repository, "deploy/kubernetes/secrets", part));
    for (const secret of named) expect(made).toContain(`${name}/${secret}`);
    const volumes = (container.volumes ?? []).filter((volume) => volume.includes("-secrets:"));
    if (name === "secrets") expect(volumes).toHaveLength(serviceNames.length + engines.length);
    else for (const volume of volumes) expect(volume).toMatch(new RegExp(`^${name}-secrets:/.+:ro$`));
  });
});

test("every setting reaches the services, but for those that the image or its purpose decides", () => {
  const table = readFileSync(join(repository, "docs/running.md"), "utf8").matchAll(
    /^\| `([A-Z][A-Z_]+)` \|/gm,
  );
  const given = new Set(
    serviceNames
      .flatMap((name) => Object.keys(file.services[name]!.environment!))
      .map((name) => name.replace(/_URL_FILE$/, "_URL")),
  );
  const missing = Array.from(table, ([, name]) => name!).filter((name) => !given.has(name));
  expect(missing.sort()).toEqual(["GOCHAT_DATA", "LISTEN_ADDRESS", "NODE_ENV", "PORT", "RATE_LIMITS"]);
  for (const name of [
    "GUEST_DIRECTORY",
    "LOG_LEVEL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "PARTITIONS",
    "PUBLIC_URL",
  ]) {
    for (const service of serviceNames) {
      expect(file.services[service]!.environment![name]).toBe(`\${${name}:-}`);
    }
  }
  for (const name of [...serviceNames, "secrets"]) {
    expect(file.services[name]!.environment!.QUEUE_TYPE).toBe(`\${QUEUE_TYPE:-classic}`);
  }
});

test("NGINX finds each service where it is", () => {
  const { steps } = stageNamed(
    readStages(readFileSync(join(import.meta.dirname, "Dockerfile"), "utf8")),
    "service",
  );
  const port = steps.flatMap((step) => (step.keyword === "ENV" ? (step.variables.PORT ?? []) : []))[0];
  for (const name of serviceNames) {
    expect(file.services.web!.environment![`${name.toUpperCase()}_SERVERS`]).toBe(
      `resolver 127.0.0.11 valid=5s; server ${name}:${port} resolve ${failuresOf(name)};`,
    );
  }
});

test("only NGINX can be reached from outside, and the engines by services only", () => {
  const members = (network: string) =>
    containers.flatMap(([name, { networks = [] }]) => (networks.includes(network) ? [name] : [])).sort();
  expect(members("outside")).toEqual(["web"]);
  expect(members("front")).toEqual([...serviceNames, "web"].sort());
  expect(members("back")).toEqual([...serviceNames, ...engines].sort());
  expect([file.networks.front, file.networks.back]).toEqual([{ internal: true }, { internal: true }]);
});
