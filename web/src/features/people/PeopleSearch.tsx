import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";
import { searchPeople } from "../../state/load-people.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";
import { SearchIcon } from "../../ui/icons.tsx";

const settleMs = 180;
export const searchInputId = "search-people";

/** Searches while one types. Enter opens the first person found, Escape shows everyone again. */
export function PeopleSearch({ firstHref }: { firstHref: string | undefined }) {
  const dispatch = useAppDispatch();
  const [, navigate] = useLocation();
  const shown = useAppSelector((state) => state.people.list.prefix);
  const [text, setText] = useState(shown);
  const isFirst = useRef(true);

  useEffect(() => {
    // The list itself asks for everyone at the beginning.
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    const timer = setTimeout(() => void dispatch(searchPeople(text.trim().toLowerCase())), settleMs);
    return () => clearTimeout(timer);
  }, [text, dispatch]);

  return (
    <search className="relative mt-5 block mr-4 ml-6">
      <span className="pointer-events-none absolute top-2.5 left-0 text-faint">
        <SearchIcon />
      </span>
      <input
        id={searchInputId}
        type="search"
        aria-label="Search people"
        placeholder="Search people"
        value={text}
        maxLength={32}
        autoComplete="off"
        spellCheck={false}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setText("");
          if (event.key === "Enter" && firstHref) navigate(firstHref);
          if (event.key === "ArrowDown") document.querySelector<HTMLElement>("#people [data-row]")?.focus();
        }}
        className={`w-full border-b bg-transparent py-2 pr-16 pl-8 outline-none transition-colors placeholder:text-faint focus:border-pine focus:shadow-[0_1px_0_var(--color-pine)] [&::-webkit-search-cancel-button]:hidden ${text ? "border-soft" : "border-thread"}`}
      />
      <kbd className="pointer-events-none absolute top-2.5 right-0 font-sans text-2xs text-faint max-md:hidden">
        {/Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘ K" : "Ctrl K"}
      </kbd>
    </search>
  );
}
