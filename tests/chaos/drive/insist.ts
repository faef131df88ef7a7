import { setTimeout as sleep } from "node:timers/promises";
import type { DrivenPerson } from "./person.ts";

const attempts = 10;
const waitMs = 500;

/** At the end everything is whole again: what does not answer then is an error of the run. */
// biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
export async function insist(person: DrivenPerson, path: string): Promise<any> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const body = await person.get(path);
    if (body) return body;
    await sleep(waitMs * attempt);
  }
  throw new Error(`${path} was not answered.`);
}
