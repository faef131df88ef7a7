import { useEffect } from "react";
import { useLocation, useRoute } from "wouter";
import { selectOther, selectUnreadEntries } from "../state/selectors.ts";
import { useAppSelector } from "../state/state.ts";

const pages: Readonly<Record<string, string>> = {
  "/people": "People",
  "/account": "Account",
  "/sign-in": "Sign in",
  "/sign-up": "Create an account",
};

/** The page or the person stands in the title, and before it, where it is seen from another tab, what is unread. */
export function useTitle(): void {
  const [location] = useLocation();
  const [, conversation] = useRoute("/c/:id");
  const unread = useAppSelector(selectUnreadEntries);
  const name = useAppSelector((state) =>
    conversation && state.session.user ? selectOther(state, conversation.id).username : pages[location],
  );
  const title = name ? `${name} · GoChat` : "GoChat";
  useEffect(() => {
    document.title = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${title}` : title;
  }, [unread, title]);
}
