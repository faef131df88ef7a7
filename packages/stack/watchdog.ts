import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { writeProcessFile } from "@gochat/engines/process-file";

/**
 * A shell that waits for this process to end, however it does, and then ends by force what its parts left running:
 * whoever kills a stack with `kill -9` is not left with twenty processes. Their files say which they are: by process id
 * and start time, which is the twentieth field behind the name in proc_pid_stat(5).
 */
const script = `
cat >/dev/null
folder=$1
for file in "$folder"/*/engine.pid "$folder"/rabbitmq/epmd/engine.pid; do
  read -r pid start <"$file" && stat=$(cat "/proc/$pid/stat") || continue
  set -- \${stat##*) }
  [ "$start" = "\${20}" ] && kill -s KILL -- "-$pid"
done`;

export async function startWatchdog(folder: string): Promise<AsyncDisposable> {
  const shell = spawn("/bin/sh", ["-c", script, "gochat-watchdog", folder], {
    stdio: ["pipe", "ignore", "ignore"],
    // Ctrl-C in the terminal is not for it.
    detached: true,
  });
  await once(shell, "spawn");
  shell.unref();
  writeProcessFile(join(folder, "watchdog.pid"), shell.pid!);
  return {
    async [Symbol.asyncDispose]() {
      shell.ref();
      const ended = once(shell, "exit");
      // The cat waits in the same group.
      process.kill(-shell.pid!, "SIGKILL");
      await ended;
      rmSync(join(folder, "watchdog.pid"), { force: true });
    },
  };
}
