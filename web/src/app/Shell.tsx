import { lazy, Suspense } from "react";
import { Link, Redirect, Route, Switch, useLocation, useRoute, useSearchParams } from "wouter";
import { AccountMenu } from "../features/account/AccountMenu.tsx";
import { ConversationPane } from "../features/conversation/ConversationPane.tsx";
import { ConversationList } from "../features/conversations/ConversationList.tsx";
import { NotificationsButton } from "../features/notifications/NotificationsButton.tsx";
import { PeopleList } from "../features/people/PeopleList.tsx";
import { wayBack } from "../features/sign-in/way-back.ts";
import { Wordmark } from "../ui/Mark.tsx";
import { NothingHere } from "../ui/NothingHere.tsx";
import { useSearchShortcut } from "./use-search-shortcut.ts";

const AccountPage = lazy(async () => ({
  default: (await import("../features/account/AccountPage.tsx")).AccountPage,
}));

const isConversationId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Two panes side by side; on a phone one of them, and the bar above the lists. */
export function Shell() {
  const [location] = useLocation();
  const [, conversation] = useRoute("/c/:id");
  useSearchShortcut();
  const isList = location === "/";
  const isPeople = location === "/people";
  return (
    <div className="grid min-h-0 flex-1 grid-rows-[auto_minmax(0,1fr)] md:grid-cols-[minmax(17rem,22rem)_minmax(0,1fr)]">
      <header
        className={`relative z-10 flex h-16 items-center gap-0.5 pr-2 pl-6 md:border-r md:border-thread ${isList || isPeople ? "" : "max-md:hidden"}`}
      >
        <Link href="/" className="mr-auto rounded">
          <Wordmark />
        </Link>
        <Link
          href="/people"
          aria-current={isPeople ? "page" : undefined}
          className="mr-1 rounded-full px-3 py-2 font-medium text-soft transition-colors hover:bg-wash hover:text-ink aria-[current=page]:text-pine"
        >
          People
        </Link>
        <NotificationsButton />
        <AccountMenu />
      </header>
      <div
        className={`scroll-quiet overflow-y-auto md:row-start-2 md:border-r md:border-thread ${isList ? "" : "max-md:hidden"}`}
      >
        <ConversationList openId={conversation?.id} />
      </div>
      <main
        className={`min-h-0 min-w-0 md:col-start-2 md:row-span-2 md:row-start-1 ${isList ? "max-md:hidden" : ""} ${isPeople ? "" : "max-md:row-span-2 max-md:row-start-1"}`}
      >
        <Suspense>
          <Pages />
        </Suspense>
      </main>
    </div>
  );
}

function Pages() {
  const [search] = useSearchParams();
  return (
    <Switch>
      <Route path="/c/:id">
        {({ id }) =>
          isConversationId.test(id) ? <ConversationPane key={id} conversationId={id} /> : <NothingHere />
        }
      </Route>
      <Route path="/account">
        <div className="scroll-quiet h-full overflow-y-auto">
          <AccountPage />
        </div>
      </Route>
      <Route path={/^\/(people)?$/}>
        <div className="scroll-quiet h-full overflow-y-auto md:pt-10">
          <PeopleList />
        </div>
      </Route>
      <Route path={/^\/sign-(in|up)$/}>
        <Redirect to={wayBack(search) ?? "/"} replace />
      </Route>
      <Route>
        <NothingHere />
      </Route>
    </Switch>
  );
}
