import { useEffect } from "react";
import { useLocation } from "wouter";
import { searchInputId } from "../features/people/PeopleSearch.tsx";

const findInput = () => document.getElementById(searchInputId) as HTMLInputElement | null;

/** Ctrl+K or Cmd+K leads to the search for people, from wherever one is. */
export function useSearchShortcut(): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (!findInput()?.checkVisibility()) navigate("/people");
      // After the page is there.
      requestAnimationFrame(() => {
        findInput()?.focus();
        findInput()?.select();
      });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [navigate]);
}
