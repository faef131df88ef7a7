const minute = 60_000;

export interface PageEvents {
  onNetwork(isOnline: boolean): void;
  /** Somebody turned to the page. */
  onFocus(): void;
  /** The page came back into view. */
  onVisible(): void;
  onEveryMinute(): void;
}

/** What the browser says about the page and the network, for as long as the page lives. */
export function listenToPage({ onNetwork, onFocus, onVisible, onEveryMinute }: PageEvents): void {
  window.addEventListener("online", () => onNetwork(true));
  window.addEventListener("offline", () => onNetwork(false));
  window.addEventListener("focus", onFocus);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") onVisible();
  });
  window.addEventListener("pageshow", ({ persisted }) => {
    if (persisted) onVisible();
  });
  setInterval(onEveryMinute, minute);
}
