import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadOrCreateKeys, publicKeysDocument } from "@gochat/runtime/keys";
import { replaceFile } from "@gochat/runtime/replace-file";

/** Makes the keys of an installation: keys.json for auth alone, public-keys.json for the other services. */
const [given] = process.argv.slice(2);
if (given) {
  const folder = resolve(given);
  const wereThere = existsSync(join(folder, "keys.json"));
  const keys = await loadOrCreateKeys(folder);
  replaceFile(join(folder, "public-keys.json"), publicKeysDocument(keys), 0o644);
  console.log(`The keys are in ${folder}${wereThere ? "; they were there already" : ""}.`);
} else {
  console.error("Name the folder for the keys: npx node scripts/make-keys.ts FOLDER");
  process.exitCode = 1;
}
