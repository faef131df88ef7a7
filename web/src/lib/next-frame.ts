/**
 * Resolves as the next frame is made: scrolling has been told, and nothing is laid out yet. At once where none is drawn.
 * After `patienceMs` at the latest, for who can do without: a window that is covered may count as visible, with no
 * frame for long.
 */
export async function nextFrame(patienceMs?: number): Promise<void> {
  if (document.hidden) return;
  await new Promise<void>((resolve) => {
    const frame = requestAnimationFrame(end);
    const timer = patienceMs === undefined ? undefined : setTimeout(end, patienceMs);
    document.addEventListener("visibilitychange", end);
    function end(): void {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", end);
      resolve();
    }
  });
}
