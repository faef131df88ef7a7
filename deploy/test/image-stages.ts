import { type Copy, DockerfileParser, type Env, type Instruction } from "dockerfile-ast";

/** One `FROM … AS …` of a Dockerfile, with what follows it. */
export interface Stage {
  readonly name: string;
  /** An image, or the name of an earlier stage. */
  readonly base: string;
  readonly steps: readonly Step[];
}

export type Step =
  | { readonly keyword: "RUN"; readonly command: string }
  | {
      readonly keyword: "COPY";
      readonly from: string | undefined;
      readonly sources: readonly string[];
      readonly target: string;
    }
  | { readonly keyword: "WORKDIR" | "USER" | "EXPOSE"; readonly value: string }
  | { readonly keyword: "ENV"; readonly variables: Readonly<Record<string, string>> }
  | { readonly keyword: "ENTRYPOINT" | "CMD" | "HEALTHCHECK"; readonly command: readonly string[] };

/** The stages of a Dockerfile. Throws at what GoChat's have no use for: the shell form, ARG, ADD and the like. */
export function readStages(text: string): Stage[] {
  const dockerfile = DockerfileParser.parse(text);
  const stages: { name: string; base: string; steps: Step[] }[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const values = valuesOf(instruction);
    if (instruction.getKeyword() === "FROM") {
      const [base = "", , name = ""] = values;
      stages.push({ name, base, steps: [] });
    } else {
      stages.at(-1)!.steps.push(readStep(instruction, values));
    }
  }
  return stages;
}

export function stageNamed(stages: readonly Stage[], name: string): Stage {
  const stage = stages.find((candidate) => candidate.name === name);
  if (!stage) throw new Error(`The Dockerfile has no stage ${name}.`);
  return stage;
}

function readStep(instruction: Instruction, values: string[]): Step {
  const keyword = instruction.getKeyword();
  switch (keyword) {
    case "RUN":
      return { keyword, command: values.join(" ") };
    case "COPY":
      return {
        keyword,
        from: (instruction as Copy).getFromFlag()?.getValue() ?? undefined,
        sources: values.slice(0, -1),
        target: values.at(-1)!,
      };
    case "WORKDIR":
    case "USER":
    case "EXPOSE":
      return { keyword, value: values.join(" ") };
    case "ENV":
      return { keyword, variables: variablesOf(instruction as Env) };
    case "ENTRYPOINT":
    case "CMD":
      return { keyword, command: JSON.parse(values.join(" ")) };
    case "HEALTHCHECK":
      return { keyword, command: JSON.parse(values.slice(values.indexOf("CMD") + 1).join(" ")) };
    default:
      throw new Error(`${keyword} is not a step that GoChat's images have.`);
  }
}

function variablesOf(instruction: Env): Record<string, string> {
  const properties = instruction.getProperties();
  return Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? ""]));
}

function valuesOf(instruction: Instruction): string[] {
  return instruction.getArguments().map((argument) => argument.getValue());
}
