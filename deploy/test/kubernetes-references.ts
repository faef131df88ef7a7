import {
  type Container,
  containersOf,
  type KubernetesObject,
  objectsOf,
  workloadsOf,
} from "./kubernetes-objects.ts";

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string };
}

type Objects = readonly KubernetesObject[];

/** What an object names and no other object is: one line each. */
export function danglingReferences(objects: Objects): string[] {
  return [
    ...workloadsOf(objects).flatMap((workload) => missingForPods(workload, objects)),
    ...selectorsWithoutPods(objects),
    ...missingTargets(objects),
  ];
}

function missingForPods(workload: KubernetesObject, objects: Objects): string[] {
  const { spec, metadata } = workload;
  const volumes: Volume[] = spec.template.spec.volumes ?? [];
  const claims: string[] = (spec.volumeClaimTemplates ?? []).map(
    (claim: KubernetesObject) => claim.metadata.name,
  );
  const names = new Set([...claims, ...volumes.map(({ name }) => name)]);
  const secrets = volumes.flatMap(({ secret }) => (secret ? [secret.secretName] : []));
  const given = secrets.flatMap((name) => keysOf(objects, name));
  const missing = containersOf(workload).flatMap((container) => [
    ...(container.envFrom ?? [])
      .filter(({ configMapRef }) => !has(objects, "ConfigMap", configMapRef.name))
      .map(({ configMapRef }) => `ConfigMap ${configMapRef.name}`),
    ...(container.volumeMounts ?? [])
      .filter(({ name }) => !names.has(name))
      .map(({ name }) => `volume ${name}`),
    ...secretKeys(container)
      .filter((key) => !given.includes(key))
      .map((key) => `key ${key}`),
    ...probedPorts(container)
      .filter((port) => !hasPort([container], port))
      .map((port) => `port ${port}`),
  ]);
  const unknown = secrets.filter((name) => !has(objects, "Secret", name)).map((name) => `Secret ${name}`);
  return [...unknown, ...missing].map((what) => `${metadata.name}: ${what}`);
}

/** The keys of its secret that a container names, all of them as /run/gochat/KEY. */
function secretKeys({ env = [], command = [] }: Container): string[] {
  const words = [...env.map(({ value }) => value), ...command];
  return words.flatMap((word) => /^\/run\/gochat\/(.+)$/.exec(word)?.[1] ?? []);
}

function probedPorts({ startupProbe, livenessProbe, readinessProbe }: Container): string[] {
  const probes = [startupProbe, livenessProbe, readinessProbe];
  return probes.flatMap((probe) => probe?.httpGet?.port ?? probe?.tcpSocket?.port ?? []);
}

/** Services, budgets and network policies choose pods by labels; one that chooses none is a mistake. */
function selectorsWithoutPods(objects: Objects): string[] {
  const chosen = objectsOf(objects, "Service", "PodDisruptionBudget", "NetworkPolicy");
  return chosen.flatMap(({ kind, metadata, spec }) => {
    const labels = kind === "Service" ? spec.selector : (spec.selector ?? spec.podSelector).matchLabels;
    const pods = podsWith(labels ?? {}, objects);
    if (pods.length === 0) return [`${kind} ${metadata.name}: no pods`];
    const ports: string[] =
      kind === "Service" ? spec.ports.map((port: { targetPort: string }) => port.targetPort) : [];
    return ports
      .filter((port) => !pods.every((pod) => hasPort(containersOf(pod), port)))
      .map((port) => `Service ${metadata.name}: port ${port}`);
  });
}

interface Target {
  readonly kind: string;
  readonly name: string;
}

function missingTargets(objects: Objects): string[] {
  const scaled: Target[] = objectsOf(objects, "HorizontalPodAutoscaler").map(
    ({ spec }) => spec.scaleTargetRef,
  );
  const governing = objectsOf(objects, "StatefulSet").map(({ spec }) => ({
    kind: "Service",
    name: spec.serviceName,
  }));
  const routed = objectsOf(objects, "Ingress").flatMap(({ spec }) => {
    const paths: { backend: { service: Target } }[] = spec.rules.flatMap(
      ({ http }: { http: { paths: unknown[] } }) => http.paths,
    );
    return paths.map(({ backend }) => ({ kind: "Service", name: backend.service.name }));
  });
  const targets = [...scaled, ...governing, ...routed];
  return targets
    .filter(({ kind, name }) => !has(objects, kind, name))
    .map(({ kind, name }) => `${kind} ${name}`);
}

function podsWith(labels: Readonly<Record<string, string>>, objects: Objects): KubernetesObject[] {
  return workloadsOf(objects).filter(({ spec }) =>
    Object.entries(labels).every(([name, value]) => spec.template.metadata.labels[name] === value),
  );
}

function hasPort(containers: readonly Container[], port: string): boolean {
  return containers.some(({ ports = [] }) => ports.some(({ name }) => name === port));
}

function has(objects: Objects, kind: string, name: string): boolean {
  return objects.some((object) => object.kind === kind && object.metadata.name === name);
}

function keysOf(objects: Objects, secret: string): string[] {
  const found = objectsOf(objects, "Secret").find(({ metadata }) => metadata.name === secret);
  return Object.keys(found?.data ?? {});
}
