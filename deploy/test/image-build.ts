import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join, matchesGlob } from "node:path";
import { promisify } from "node:util";
import { type Stage, type Step, stageNamed } from "./image-stages.ts";

const run = promisify(execFile);
const stepTimeoutMs = 240_000;

/** What a stage leaves behind: a folder in the place of the image's root, and how its process is to be started. */
export interface Image {
  readonly root: string;
  /** Absolute in the image: /gochat */
  workingFolder: string;
  environment: Record<string, string>;
  user: string;
  entrypoint: readonly string[];
  parameters: readonly string[];
  health: readonly string[];
}

interface Build {
  readonly stages: readonly Stage[];
  /** The files that `COPY` without `--from` sees. */
  readonly context: string;
  /** An empty folder: each stage gets one of its own in it. */
  readonly folder: string;
}

/**
 * Carries out the steps of a stage, and of those it builds on, in folders: no container, no other root. So it holds
 * for steps that stay below the working directory, and takes the machine's Node.js and npm for those of the base.
 */
export async function buildImage(
  build: Build,
  name: string,
  built = new Map<string, Image>(),
): Promise<Image> {
  const done = built.get(name);
  if (done) return done;
  const stage = stageNamed(build.stages, name);
  const image = await startFrom(build, stage, built);
  for (const step of stage.steps) await carryOut(build, step, image, built);
  built.set(name, image);
  return image;
}

async function startFrom(build: Build, { name, base }: Stage, built: Map<string, Image>): Promise<Image> {
  const root = join(build.folder, name);
  await mkdir(root, { recursive: true });
  if (!build.stages.some((stage) => stage.name === base)) {
    return {
      root,
      workingFolder: "/",
      environment: {},
      user: "",
      entrypoint: [],
      parameters: [],
      health: [],
    };
  }
  const parent = await buildImage(build, base, built);
  await cp(parent.root, root, { recursive: true, verbatimSymlinks: true });
  return { ...parent, root };
}

async function carryOut(build: Build, step: Step, image: Image, built: Map<string, Image>): Promise<void> {
  const here = join(image.root, image.workingFolder);
  switch (step.keyword) {
    case "WORKDIR":
      image.workingFolder = step.value;
      await mkdir(join(image.root, step.value), { recursive: true });
      break;
    case "ENV":
      image.environment = { ...image.environment, ...step.variables };
      break;
    case "RUN":
      await run("sh", ["-c", step.command], {
        cwd: here,
        env: { ...stepEnvironment(), ...image.environment },
        timeout: stepTimeoutMs,
        maxBuffer: 16 * 1024 ** 2,
      });
      break;
    case "COPY": {
      const source = step.from ? (await buildImage(build, step.from, built)).root : build.context;
      for (const path of step.sources) await copy(join(source, path), here, step.target);
      break;
    }
    case "USER":
      image.user = step.value;
      break;
    case "ENTRYPOINT":
      image.entrypoint = step.command;
      break;
    case "CMD":
      image.parameters = step.command;
      break;
    case "HEALTHCHECK":
      image.health = step.command;
      break;
  }
}

/** As COPY does: into a folder where the target ends with `/`, otherwise as the target itself. */
async function copy(source: string, here: string, target: string): Promise<void> {
  const path = target.endsWith("/") ? join(here, target, source.split("/").at(-1)!) : join(here, target);
  await mkdir(dirname(path), { recursive: true });
  await cp(source, path, { recursive: true, verbatimSymlinks: true });
}

/** Nothing of this run of tests, least of all its NODE_ENV. */
function stepEnvironment(): Record<string, string | undefined> {
  const { HOME, PATH } = process.env;
  return { HOME, PATH: `${dirname(process.execPath)}:${PATH}`, npm_config_prefer_offline: "true" };
}

/** The build context as a checkout has it: the files that Git knows, without what .dockerignore leaves out. */
export async function copyContext(repository: string, ignore: string, folder: string): Promise<string[]> {
  const listed = await run("git", ["ls-files", "-z"], { cwd: repository, maxBuffer: 16 * 1024 ** 2 });
  const patterns = ignorePatterns(ignore);
  const paths = listed.stdout.split("\0").filter((path) => path !== "" && !isIgnored(path, patterns));
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(join(repository, path), join(folder, path));
  }
  return paths;
}

function ignorePatterns(ignore: string): string[] {
  return ignore.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** A pattern names a file, or a folder with everything in it. */
function isIgnored(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`));
}
