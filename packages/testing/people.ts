import { randomUUID } from "node:crypto";
import type { Broker } from "@gochat/broker/broker";
import { userRegistered } from "@gochat/contracts/events/user-events";
import type { Keys } from "@gochat/runtime/keys";
import { importJWK, SignJWT } from "jose";

/** Somebody who uses GoChat through HTTP, signed in or not. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  /** The Cookie header; replaced whenever an answer sets cookies. Empty for a guest. */
  cookie: string;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON, the text otherwise. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  readonly body: any;
}

export interface People {
  /** Signs up over HTTP. A name that is taken gets a suffix. Resolves once every service knows the person. */
  signUp(name: string): Promise<Person>;
  /** A person with a valid access token, announced by the test itself: where auth does not run. */
  person(name: string): Promise<Person>;
  guest(): Person;
}

interface PeopleOptions {
  readonly url: string;
  readonly broker: Broker;
  readonly keys: Keys;
  readonly settle: () => Promise<void>;
  readonly hasAuth: boolean;
  readonly clock: () => number;
}

export function createPeople({ url, broker, keys, settle, hasAuth, clock }: PeopleOptions): People {
  return {
    guest: () => createPerson(url, { id: "", username: "" }),
    async signUp(name) {
      if (!hasAuth) throw new Error("auth does not run here: use person() instead of signUp().");
      const person = await signUp(url, name);
      await settle();
      return person;
    },
    async person(name) {
      const person = createPerson(url, { id: randomUUID(), username: name });
      person.cookie = `auth=${await accessToken(keys, person, clock())}`;
      const at = new Date(clock()).toISOString();
      await broker.publish(userRegistered, [{ userId: person.id, username: name, at }]);
      await settle();
      return person;
    },
  };
}

/** Signs up over HTTP. A name that is taken gets a suffix. */
export async function signUp(url: string, name: string): Promise<Person> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const person = createPerson(url, { id: "", username: attempt === 0 ? name : `${name}${attempt}` });
    const { email, username, password } = person;
    const { status, body } = await person.request("POST", "/api/auth/signup", { email, username, password });
    if (status === 409) continue;
    if (status !== 201) throw new Error(`Sign-up of ${name} answered ${status}: ${JSON.stringify(body)}`);
    return Object.assign(person, { id: body.user.id, username: body.user.username });
  }
  throw new Error(`Every variant of the name ${name} is taken.`);
}

/** An access token as auth would make it, of a session of its own. */
export async function accessToken(
  keys: Keys,
  { id, username }: { id: string; username: string },
  now: number,
  sessionId: string = randomUUID(),
): Promise<string> {
  const seconds = Math.floor(now / 1000);
  return new SignJWT({ sid: sessionId, username })
    .setProtectedHeader({ alg: "EdDSA", ...(keys.signing?.kid && { kid: keys.signing.kid }) })
    .setSubject(id)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 600)
    .sign(await importJWK(keys.signing!, "EdDSA"));
}

/** For a GoChat that runs elsewhere, by its address. */
export function createPerson(url: string, { id, username }: { id: string; username: string }): Person {
  const jar = new Map<string, string>();
  const person: Person = {
    id,
    username,
    email: `${username}@example.org`,
    password: `correct horse ${username} battery`,
    cookie: "",
    async request(method, path, body, headers = {}) {
      const answer = await fetch(new URL(path, url), {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(15_000),
        headers: {
          ...(person.cookie && { cookie: person.cookie }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      if (keepCookies(jar, answer.headers)) {
        person.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      }
      const text = await answer.text();
      const isJson = answer.headers.get("content-type")?.includes("json") && text !== "";
      return { status: answer.status, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
    },
  };
  return person;
}

/** A browser's cookie jar, as far as one host needs it. Returns whether anything was set or cleared. */
function keepCookies(jar: Map<string, string>, headers: Headers): boolean {
  const cookies = headers.getSetCookie();
  for (const cookie of cookies) {
    const [pair = "", ...attributes] = cookie.split(";");
    const [name = "", ...value] = pair.split("=");
    const isCleared = attributes.some((attribute) =>
      /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute),
    );
    if (isCleared || value.join("=") === "") jar.delete(name.trim());
    else jar.set(name.trim(), value.join("="));
  }
  return cookies.length > 0;
}
