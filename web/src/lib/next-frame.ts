/** Resolves as the next frame is made: scrolling has been told, and nothing is laid out yet. At once where none is drawn. */
export async function nextFrame(): Promise<void> {
  if (document.hidden) return;
  await new Promise<void>((resolve) => {
    const frame = requestAnimationFrame(end);
    document.addEventListener("visibilitychange", end);
    function end(): void {
      cancelAnimationFrame(frame);
      document.removeEventListener("visibilitychange", end);
      resolve();
    }
  });
}
