import { useEffect } from "react";
import { useLocation } from "wouter";
import { searchInputId } from "../features/people/PeopleSearch.tsx";

const findInput = () => document.getElementById(searchInputId) as HTMLInputElement | null;

/** A slow machine draws the page some frames later; a second of them is enough. */
const patienceFrames = 60;

function focusWhenThere(framesLeft = patienceFrames): void {
  const input = findInput();
  if (input?.checkVisibility()) {
    input.focus();
    input.select();
  } else if (framesLeft > 0) {
    requestAnimationFrame(() => focusWhenThere(framesLeft - 1));
  }
}

/** Ctrl+K or Cmd+K leads to the search for people, from wherever one is. */
export function useSearchShortcut(): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (!findInput()?.checkVisibility()) navigate("/people");
      focusWhenThere();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate]);
}
