import { type RefObject, useEffect } from "react";

/** Closes what floats: with Escape, with a press outside, and when the focus leaves it. */
export function useDismiss(ref: RefObject<HTMLElement | null>, isOpen: boolean, close: () => void): void {
  useEffect(() => {
    if (!isOpen) return;
    const isOutside = (target: EventTarget | null) =>
      target instanceof globalThis.Node && !ref.current?.contains(target);
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
      ref.current?.querySelector<HTMLElement>("[aria-expanded]")?.focus();
    };
    const onPress = (event: PointerEvent) => isOutside(event.target) && close();
    const onFocus = (event: FocusEvent) => isOutside(event.target) && close();
    document.addEventListener("keydown", onKey, true);
    document.addEventListener("pointerdown", onPress);
    document.addEventListener("focusin", onFocus);
    return () => {
      document.removeEventListener("keydown", onKey, true);
      document.removeEventListener("pointerdown", onPress);
      document.removeEventListener("focusin", onFocus);
    };
  }, [ref, isOpen, close]);
}
