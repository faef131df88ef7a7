import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, createPerson, type Person } from "@gochat/testing/people";

const refreshEveryMs = 5 * 60_000;
const graceMs = 20_000;

/** Somebody whom the driver plays: one session for all of their devices. */
export interface DrivenPerson {
  readonly id: string;
  readonly cookie: string;
  /** The parsed body, or undefined where the answer was anything but 2xx, or did not come. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of every shape.
  get(path: string): Promise<any>;
  /** Opens the conversation with somebody. */
  open(userId: string): Promise<void>;
  /** Keeps the session alive; safe to call often. */
  refresh(): Promise<void>;
}

/** Signs up, however busy the server is. */
export async function signUp(url: string, username: string): Promise<DrivenPerson> {
  const person = createPerson(url, { id: "", username });
  const { email, password } = person;
  for (let attempt = 1; ; attempt++) {
    const answer = await person.request("POST", "/api/auth/signup", { email, username, password });
    if (answer.status === 201) return drive(person, answer.body.user.id as string);
    if (attempt === 30 || (answer.status !== 503 && answer.status !== 429)) {
      throw new Error(`Sign-up of ${username} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    await sleep(200 + Math.random() * 800);
  }
}

function drive(person: Person, id: string): DrivenPerson {
  const { email, password } = person;
  let refreshedAt = performance.now();
  let refreshing: Promise<void> | undefined;

  /**
   * Again until it is answered: the old token is good for 20 s more. What comes later ends the session, and they sign in
   * again, as anybody would.
   */
  async function renew(): Promise<void> {
    const began = performance.now();
    while (performance.now() - began < graceMs) {
      let answer = await ask("/api/auth/refresh");
      if (answer?.status === 401) answer = await ask("/api/auth/signin", { email, password });
      if (answer && answer.status < 300) refreshedAt = performance.now();
      if (answer && answer.status < 400) return;
      await sleep(300);
    }
  }

  function ask(path: string, body?: object): Promise<Answer | undefined> {
    return person.request("POST", path, body).catch(() => undefined);
  }

  async function refresh(): Promise<void> {
    refreshing ??= renew().finally(() => {
      refreshing = undefined;
    });
    await refreshing;
  }

  return {
    id,
    get cookie() {
      return person.cookie;
    },
    async get(path) {
      if (performance.now() - refreshedAt > refreshEveryMs) await refresh();
      const answer = await person.request("GET", path).catch(() => undefined);
      if (answer?.status === 401) await refresh();
      return answer?.status === 200 ? answer.body : undefined;
    },
    async open(userId) {
      const { status } = await person.request("POST", "/api/conversations", { userId });
      if (status !== 200) throw new Error(`A conversation could not be opened: ${status}.`);
    },
    refresh,
  };
}
