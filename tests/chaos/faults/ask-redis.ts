import { once } from "node:events";
import { connect } from "node:net";

/** One command without arguments, over the protocol of Redis (RESP), as whoever the address names. */
export async function askRedis(address: string, command: string): Promise<void> {
  const { hostname, port, username, password } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(5_000, () => socket.destroy(new Error("Redis does not answer.")));
  try {
    if (password) socket.write(`AUTH ${username || "default"} ${decodeURIComponent(password)}\r\n`);
    socket.write(`${command}\r\nQUIT\r\n`);
    let answer = "";
    socket.on("data", (bytes) => {
      answer += String(bytes);
    });
    await once(socket, "end");
    if (answer.includes("-ERR") || answer.includes("-WRONGPASS")) throw new Error(`Redis answered ${answer}`);
  } finally {
    socket.destroy();
  }
}
