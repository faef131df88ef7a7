import { parser } from "@prometheus-io/lezer-promql";

/** What a query asks for. */
export interface Query {
  /** Where it cannot be read: what stands there. Empty for a query that can. */
  readonly mistakes: readonly string[];
  /** Names of metrics, once each. */
  readonly metrics: readonly string[];
  /** Labels that it selects or groups by, once each. */
  readonly labels: readonly string[];
}

export function readQuery(text: string): Query {
  const mistakes: string[] = [];
  const metrics = new Set<string>();
  const labels = new Set<string>();
  parser.parse(text).iterate({
    enter({ name, type, from, to, node }) {
      const part = text.slice(from, to);
      if (type.isError) mistakes.push(part || `something is missing at ${from} of ${text}`);
      if (name === "Identifier" && node.parent?.name === "VectorSelector") metrics.add(part);
      if (name === "LabelName") labels.add(part);
    },
  });
  return { mistakes, metrics: [...metrics], labels: [...labels] };
}
