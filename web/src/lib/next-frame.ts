/** Resolves as the next frame is made: scrolling has been told, and nothing is laid out yet. At once where none is drawn. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => {
    if (document.hidden) resolve();
    else requestAnimationFrame(() => resolve());
  });
}
