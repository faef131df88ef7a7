import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { definitionsFor } from "@gochat/broker/definitions";
import { startPostgres } from "@gochat/engines/postgres";
import { type RabbitmqDefinitions, startRabbitmq } from "@gochat/engines/rabbitmq";
import { takeFolder } from "@gochat/stack/folder";
import { readOrMakeSecrets } from "@gochat/stack/secrets";
import { startAll } from "@gochat/stack/start-all";
import { startWatchdog } from "@gochat/stack/watchdog";
import type { TestProject } from "vitest/node";

/** What the clusters of a test run share: each has databases and a virtual host of its own in these engines. */
export interface SharedEngines {
  readonly postgresUrl: string;
  readonly rabbitmqUrl: string;
  readonly secretsFolder: string;
  readonly virtualHosts: readonly string[];
  /** A folder in it says that the virtual host of this name is taken. */
  readonly takenFolder: string;
}

declare module "vitest" {
  interface ProvidedContext {
    sharedEngines: SharedEngines;
  }
}

/** They cost RabbitMQ next to nothing until somebody uses them. */
const virtualHosts = Array.from({ length: 100 }, (_, index) => `test-${index + 1}`);

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(await takeFolder(undefined));
  resources.use(await startWatchdog(folder));
  const secretsFolder = join(folder, "secrets");
  const takenFolder = join(folder, "taken");
  await mkdir(takenFolder);
  const { passwords } = await readOrMakeSecrets(secretsFolder);
  const definitions = inEachVirtualHost(definitionsFor({ passwords }));
  const [postgres, rabbitmq] = [join(folder, "postgres"), join(folder, "rabbitmq")];
  const engines = await startAll(
    resources,
    new Map([
      ["postgres", () => startPostgres({ folder: postgres, connections: 400 })],
      ["rabbitmq", () => startRabbitmq({ folder: rabbitmq, definitions })],
    ]),
  );
  project.provide("sharedEngines", {
    postgresUrl: engines.get("postgres")!.url,
    rabbitmqUrl: engines.get("rabbitmq")!.url,
    secretsFolder,
    virtualHosts,
    takenFolder,
  });
  const owned = resources.move();
  return () => owned.disposeAsync();
}

/** Without the queues, which each service makes for itself: those of a hundred would be heavy. */
function inEachVirtualHost({
  users,
  ...definitions
}: ReturnType<typeof definitionsFor>): RabbitmqDefinitions {
  const spread = <Definition extends object>(list: readonly Definition[]) =>
    virtualHosts.flatMap((vhost) => list.map((definition) => ({ ...definition, vhost })));
  return {
    users,
    vhosts: virtualHosts.map((name) => ({ name })),
    permissions: spread(definitions.permissions),
    topic_permissions: spread(definitions.topic_permissions),
    exchanges: spread(definitions.exchanges),
  };
}
