/** Whether the GoChat in this container answers: `node deploy/docker/health.ts /readyz`. Exit code 0 or 1. */
const [path = "/healthz"] = process.argv.slice(2);
const timeoutMs = 2_000;

try {
  const url = `http://127.0.0.1:${process.env.PORT ?? 3000}${path}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
  console.log(await answer.text());
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  console.log(String(error));
  process.exitCode = 1;
}
