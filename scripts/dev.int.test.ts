import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@gochat/engines/free-port";
import type { Person } from "@gochat/testing/people";
import { connectNotifications } from "@gochat/testing/sockets";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder: string;
let development: ChildProcess;
/** Of the server, and of Vite in front of it. */
let server: string;
let web: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gochat-dev-"));
  const port = await freePort();
  server = `http://localhost:${port}`;
  development = spawn(process.execPath, [join(import.meta.dirname, "dev.ts")], {
    env: {
      PATH: process.env.PATH,
      NO_COLOR: "1",
      LOG_LEVEL: "error",
      PORT: String(port),
      GOCHAT_DATA: folder,
    },
    stdio: ["ignore", "pipe", "inherit"],
    // A group of its own, so that whatever it leaves behind can be ended.
    detached: true,
  });
  web = await ready(development);
});
afterEach(async () => {
  development.kill("SIGTERM");
  await ended(development);
  development.stdout?.destroy();
  endGroup(development.pid!);
  await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

/** Resolves with the address of Vite once the server is ready too. */
function ready(child: ChildProcess): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.stdout!.on("data", (chunk) => {
      text += chunk;
      const url = /Local:\s+(http:\S+?)\/?\s/.exec(text)?.[1];
      if (url && /GoChat is ready/.test(text)) resolve(url);
    });
    child.once("close", () => reject(new Error(`It ended: ${text}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // Nothing is left of it.
  }
}

const answers = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

test("a page of Vite may call the server, and open its sockets", async () => {
  const answer = await fetch(new URL("/api/auth/signin", web), {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(web).origin },
    body: JSON.stringify({ email: "nobody@example.org", password: "a long password" }),
  });
  expect([answer.status, await answer.json()]).toEqual([
    401,
    expect.objectContaining({ code: "INVALID_CREDENTIALS" }),
  ]);
  await using socket = await connectNotifications({ url: new URL(web).origin }, { cookie: "" } as Person);
  expect(socket.frames).toEqual([{ type: "ready", guest: true }]);
});

test("SIGTERM ends the server and Vite", async () => {
  expect([await answers(server), await answers(web)]).toEqual([true, true]);
  development.kill("SIGTERM");
  await ended(development);
  expect([await answers(server), await answers(web)]).toEqual([false, false]);
});
