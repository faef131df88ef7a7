import { services } from "@gochat/server/services";
import { expect, test } from "vitest";
import { objectNamed, objectsOf } from "../test/kubernetes-objects.ts";
import { buildOverlay } from "../test/kubernetes-overlays.ts";
import { danglingReferences } from "../test/kubernetes-references.ts";
import { schemaErrors } from "../test/kubernetes-schemas.ts";
import { networkEdges } from "../test/network-edges.ts";

const names = Object.keys(services);
const owners = Object.values(services).filter(({ migrations }) => migrations);
const caching = Object.values(services).filter(({ usesCache }) => usesCache);
const engines = ["postgres", "rabbitmq", "redis"];

/** The picture in README.md, as edges; `engine` says where an engine is. */
function design(engine: (name: string, port: number) => string, pods: readonly string[]): string[] {
  return [
    "namespace/ingress-nginx > web:8080",
    ...names.map((name) => `web > ${name}:3000`),
    ...names.map((name) => `namespace/monitoring > ${name}:3000`),
    ...owners.map(({ name }) => `${name} > ${engine("postgres", 5432)}`),
    ...names.map((name) => `${name} > ${engine("rabbitmq", 5672)}`),
    ...caching.map(({ name }) => `${name} > ${engine("redis", 6379)}`),
    ...pods.map((name) => `${name} > namespace/kube-system:53`),
  ].sort();
}

test("with the engines in the cluster, the edges of the design are open and no other", async () => {
  const edges = networkEdges(await buildOverlay("single"));
  expect(edges).toEqual(design((name, port) => `${name}:${port}`, [...names, "web", ...engines]));
});

test("with engines elsewhere, RabbitMQ by TLS, they are too", async () => {
  const edges = networkEdges(await buildOverlay("production"));
  const elsewhere = (_name: string, port: number) => `10.0.0.0/8:${port === 5672 ? 5671 : port}`;
  expect(edges).toEqual(design(elsewhere, [...names, "web"]));
});

test("with traces, the services reach a collector besides, at the address that they are given", async () => {
  const [without, objects] = [await buildOverlay("single"), await buildOverlay("single", ["tracing"])];
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, NODE_ENV } = objectsOf(objects, "ConfigMap").find(
    ({ metadata }) => metadata.name.startsWith("settings-"),
  )!.data;
  const { hostname, port } = new URL(endpoint);
  const [, namespace] = hostname.split(".");
  expect(NODE_ENV).toBe("production");
  expect(await schemaErrors(objects)).toEqual([]);
  expect(danglingReferences(objects)).toEqual([]);
  const added = networkEdges(objects).filter((edge) => !networkEdges(without).includes(edge));
  expect(added).toEqual(names.map((name) => `${name} > namespace/${namespace}:${port}`).sort());
});

test("a pod that the design does not know reaches nobody, and nobody reaches it", async () => {
  const objects = await buildOverlay("single");
  const stranger = structuredClone(objectNamed(objects, "Deployment", "chat"));
  stranger.spec.template.metadata.labels = {};
  const others = [...objects, { ...stranger, metadata: { name: "stranger" } }];
  const edges = networkEdges(others).filter((edge) => edge.includes("stranger"));
  expect(edges).toEqual(["stranger > namespace/kube-system:53"]);
  const undefended = others.filter(({ metadata }) => metadata.name !== "nothing-by-default");
  expect(networkEdges(undefended)).toContain("anyone > stranger");
});

test("a policy that is too wide shows", async () => {
  const wide = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "wide" },
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
  };
  expect(networkEdges([...(await buildOverlay("single")), wide])).toContain("anyone > postgres:any");
});
