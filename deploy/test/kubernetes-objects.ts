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
  await refuseOld(kubectl);
  const { stdout } = await run(kubectl, ["kustomize", folder], { timeout: buildTimeoutMs });
  // YAML 1.2, as kubectl writes it; an error in it must not pass as an empty document.
  return parseAllDocuments(stdout).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

/** Debian 12's is of a time before components. */
async function refuseOld(kubectl: string): Promise<void> {
  const { stdout } = await run(kubectl, ["version", "--client", "--output=json"], {
    timeout: buildTimeoutMs,
  });
  const { gitVersion } = JSON.parse(stdout).clientVersion as { gitVersion: string };
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  if (Number(major) * 1_000 + Number(minor) >= 1_027) return;
  throw new Error(
    `${kubectl} is ${gitVersion}, and the overlays need 1.27: install a newer one (Debian 13 has it as ` +
      "kubernetes-client; https://kubernetes.io/docs/tasks/tools/) or set KUBECTL_PATH to its path.",
  );
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
