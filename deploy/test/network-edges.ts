import { type KubernetesObject, objectsOf, workloadsOf } from "./kubernetes-objects.ts";

type Labels = Readonly<Record<string, string>>;

interface Pod {
  readonly name: string;
  readonly labels: Labels;
  /** Name of a port → its number. */
  readonly ports: ReadonlyMap<string, number>;
}

interface Port {
  readonly protocol: string;
  readonly port: string | number;
}

interface Peer {
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly namespaceSelector?: { readonly matchLabels?: Labels };
  readonly ipBlock?: { readonly cidr: string };
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly Port[];
}

/**
 * Who may open a connection to whom: `web > chat:3000`, by the rules of NetworkPolicy. Between two pods both must allow
 * it; of what is outside (`namespace/…`, an address range) only the pod's side is known. A pod that no policy isolates
 * shows as `anyone > …` or `… > anyone`.
 */
export function networkEdges(objects: readonly KubernetesObject[]): string[] {
  const pods = workloadsOf(objects).map(podOf);
  const policies = objectsOf(objects, "NetworkPolicy");
  const outgoing = pods.flatMap((pod) => edgesOf(pod, policies, "Egress", pods));
  const incoming = pods.flatMap((pod) => edgesOf(pod, policies, "Ingress", pods));
  const names = new Set(pods.map(({ name }) => name));
  const isInside = (edge: string) =>
    edge
      .split(/ > |:/)
      .slice(0, 2)
      .every((end) => names.has(end));
  const both = outgoing.filter((edge) => !isInside(edge) || incoming.includes(edge));
  return [...new Set([...both, ...incoming.filter((edge) => !isInside(edge))])].sort();
}

function podOf({ metadata, spec }: KubernetesObject): Pod {
  const ports = spec.template.spec.containers.flatMap(
    (container: { ports?: { name: string; containerPort: number }[] }) => container.ports ?? [],
  );
  return {
    name: metadata.name,
    labels: spec.template.metadata.labels,
    ports: new Map(ports.map(({ name, containerPort }: (typeof ports)[number]) => [name, containerPort])),
  };
}

function edgesOf(
  pod: Pod,
  policies: readonly KubernetesObject[],
  direction: "Ingress" | "Egress",
  pods: readonly Pod[],
): string[] {
  const isOut = direction === "Egress";
  const mine = policies.filter(
    ({ spec }) => spec.policyTypes.includes(direction) && matches(spec.podSelector, pod.labels),
  );
  if (mine.length === 0) return [isOut ? `${pod.name} > anyone` : `anyone > ${pod.name}`];
  const rules: Rule[] = mine.flatMap(({ spec }) => (isOut ? spec.egress : spec.ingress) ?? []);
  return rules.flatMap(({ from, to, ports }) => {
    const others = (isOut ? to : from)?.flatMap((peer) => endsOf(peer, pods)) ?? [{ name: "anyone" }];
    return others.flatMap((other) => {
      const [client, server] = isOut ? [pod, other] : [other, pod];
      return portsOf(ports, server).map((port) => `${client.name} > ${server.name}:${port}`);
    });
  });
}

type End = Pick<Pod, "name"> & Partial<Pod>;

function endsOf({ podSelector, namespaceSelector, ipBlock }: Peer, pods: readonly Pod[]): End[] {
  if (ipBlock) return [{ name: ipBlock.cidr }];
  if (namespaceSelector)
    return [{ name: `namespace/${Object.values(namespaceSelector.matchLabels ?? { any: "any" })}` }];
  return pods.filter(({ labels }) => matches(podSelector, labels));
}

function portsOf(ports: readonly Port[] | undefined, server: End): (string | number)[] {
  if (!ports) return ["any"];
  return ports.map(({ port }) => (typeof port === "string" ? (server.ports?.get(port) ?? port) : port));
}

function matches(selector: { readonly matchLabels?: Labels } | undefined, labels: Labels): boolean {
  return Object.entries(selector?.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}
