import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openDevice } from "@gochat/testing/chromium";
import { createPerson, type Person } from "@gochat/testing/people";
import { startProgram } from "@gochat/testing/program";
import { connectChat, connectNotifications } from "@gochat/testing/sockets";

/** Makes the pictures of the README, from the real program and a real browser. */
const images = resolve(import.meta.dirname, "../docs/images");

const dialogue = [
  ["bob", "Is the boat back in the water?"],
  ["ana", "Since this morning. The new rope holds."],
  ["ana", "Photos are on the noticeboard: https://boats.example.org/spring"],
  ["bob", "Lovely. Then we sail on Sunday, if the wind is kind."],
  ["bob", "I will bring coffee"],
  ["ana", "And I will bring the charts. Nine at the pier?"],
] as const;

async function signUp(url: string, username: string): Promise<Person> {
  const person = createPerson(url, { id: "", username });
  const { email, password } = person;
  const { status, body } = await person.request("POST", "/api/auth/signup", { email, username, password });
  if (status !== 201) throw new Error(`Sign-up of ${username} answered ${status}.`);
  return Object.assign(person, { id: body.user.id });
}

async function send(url: string, from: Person, to: Person, body: string): Promise<void> {
  await using socket = await connectChat({ url }, from);
  socket.send({ type: "message.send", id: randomUUID(), to: to.id, body });
  await socket.receives("message.stored");
}

/** Reads the newest conversation to its end. */
async function readNewest(url: string, reader: Person): Promise<void> {
  const { body } = await reader.request("GET", "/api/conversations?limit=1");
  const [conversation] = body.conversations;
  await using socket = await connectChat({ url }, reader);
  socket.send({ type: "message.read", conversationId: conversation.id, seq: conversation.headSeq });
  await socket.receives("message.read");
}

async function takePictures(url: string): Promise<void> {
  const people = new Map<string, Person>();
  for (const name of ["ana", "bob", "cleo", "dario", "emma", "finn"])
    people.set(name, await signUp(url, name));
  const person = (name: string) => people.get(name)!;
  await send(url, person("dario"), person("ana"), "The minutes of the meeting are ready.");
  await send(url, person("cleo"), person("ana"), "See you at the harbour!");
  for (const [from, body] of dialogue) {
    await send(url, person(from), person(from === "ana" ? "bob" : "ana"), body);
  }
  await readNewest(url, person("bob"));
  await using _bob = await connectNotifications({ url }, person("bob"));
  await using _emma = await connectNotifications({ url }, person("emma"));

  for (const colorScheme of ["light", "dark"] as const) {
    await using device = await openDevice({ width: 1120, height: 700, colorScheme });
    const page = await device.context.newPage();
    await page.goto(`${url}/sign-in`);
    await page.getByLabel("E-mail").fill(person("ana").email);
    await page.getByLabel("Password").fill(person("ana").password);
    await page.getByRole("button", { name: "Sign in" }).click();
    const conversations = page.getByRole("navigation", { name: "Conversations" });
    await conversations.getByRole("link").filter({ hasText: "bob" }).click();
    await page.getByText("Nine at the pier?").last().waitFor();
    await page.getByRole("textbox", { name: "Message" }).blur();
    await wait(500);
    await page.screenshot({ path: join(images, `conversation-${colorScheme}.png`) });
  }
}

const data = await mkdtemp(join(tmpdir(), "gochat-screenshots-"));
const program = startProgram({ GOCHAT_DATA: data, RATE_LIMITS: "off" });
try {
  await takePictures(await program.ready);
} finally {
  program.process.kill("SIGTERM");
  await program.ended;
  await rm(data, { recursive: true, force: true });
}
