import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findProgram } from "@gochat/engines/debian";
import { parseAllDocuments } from "yaml";

/** What the tests read of an object; the rest is for the schemas. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the kind's, and the schemas have checked it.
  readonly [part: string]: any;
}

interface Named {
  readonly name: string;
}

export interface Container extends Named {
  readonly image: string;
  readonly args?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: readonly (Named & { readonly value: string })[];
  readonly envFrom?: readonly { readonly configMapRef: Named }[];
  readonly ports?: readonly (Named & { readonly containerPort: number })[];
  readonly volumeMounts?: readonly (Named & { readonly mountPath: string })[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly securityContext?: unknown;
  readonly resources?: unknown;
}

interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string };
  readonly tcpSocket?: { readonly port: string };
}

const places = {
  name: "kubectl 1.27 or newer",
  debianPackages: ["kubernetes-client"],
  paths: ["/usr/bin/kubectl", "/usr/local/bin/kubectl"],
  variable: "KUBECTL_PATH",
};
const run = promisify(execFile);
const buildTimeoutMs = 30_000;

/** What `kubectl apply -k` would send for the kustomization in this folder. Needs no cluster. */
export async function buildKustomization(folder: string): Promise<KubernetesObject[]> {
  const kubectl = findProgram(places);
  const { stdout } = await run(kubectl, ["kustomize", folder], { timeout: buildTimeoutMs });
  // YAML 1.2, as kubectl writes it; an error in it must not pass as an empty document.
  return parseAllDocuments(stdout).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

export function objectsOf(objects: readonly KubernetesObject[], ...kinds: string[]): KubernetesObject[] {
  return objects.filter(({ kind }) => kinds.includes(kind));
}

export function objectNamed(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): KubernetesObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}.`);
  return found;
}

/** What makes pods. */
export function workloadsOf(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objectsOf(objects, "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob");
}

export function containersOf(workload: KubernetesObject): Container[] {
  const { containers, initContainers = [] } = workload.spec.template.spec;
  return [...initContainers, ...containers];
}
