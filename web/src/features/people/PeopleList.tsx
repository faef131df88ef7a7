import { directConversationId } from "@gochat/contracts/conversation-id";
import { useCallback, useEffect } from "react";
import { isUncertain } from "../../state/connectionSlice.ts";
import { loadMorePeople, searchPeople } from "../../state/load-people.ts";
import { selectListedPeople } from "../../state/selectors.ts";
import { useAppDispatch, useAppSelector } from "../../state/state.ts";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { LoadMore } from "../../ui/LoadMore.tsx";
import { moveBetweenRows } from "../../ui/row-keys.ts";
import { useNow } from "../../ui/use-now.ts";
import { PeopleSearch } from "./PeopleSearch.tsx";
import { PersonRow } from "./PersonRow.tsx";

/** Then the address of this page leads nobody else here. */
const isThisMachine = /^(localhost|127\.|\[::1\])/.test(location.hostname);

/** Everyone here, online people first, for guests too. A row leads to the conversation, or to an account first. */
export function PeopleList() {
  const dispatch = useAppDispatch();
  const people = useAppSelector(selectListedPeople);
  const { prefix, status, nextCursor } = useAppSelector((state) => state.people.list);
  const isVague = useAppSelector((state) => isUncertain(state.connection));
  const me = useAppSelector((state) => state.session.user?.id);
  const now = useNow();

  useEffect(() => {
    if (status === "empty") void dispatch(searchPeople(prefix));
  }, [dispatch, status, prefix]);
  const loadMore = useCallback(() => void dispatch(loadMorePeople()), [dispatch]);
  const hrefOf = (id: string) => (me ? `/c/${directConversationId(me, id)}` : `/sign-up?with=${id}`);

  return (
    <section aria-labelledby="people-title" className="mx-auto w-full max-w-2xl pb-16">
      <h1 id="people-title" className="pl-6 text-3xl font-semibold tracking-tight">
        People
      </h1>
      <PeopleSearch firstHref={people[0] && hrefOf(people[0].id)} />
      <ul id="people" aria-label="People" className="relative mt-3" onKeyDown={moveBetweenRows}>
        {people.map((person) => (
          <PersonRow
            key={person.id}
            person={person}
            status={isVague ? "unknown" : person.status}
            href={hrefOf(person.id)}
            action={me ? "Write a message" : "Create an account to write"}
            now={now}
          />
        ))}
      </ul>
      {status === "loaded" && nextCursor !== null && <LoadMore onVisible={loadMore} />}
      {people.length === 0 && <NobodyHere />}
    </section>
  );
}

function NobodyHere() {
  const dispatch = useAppDispatch();
  const { prefix, status } = useAppSelector((state) => state.people.list);
  if (status === "closed") {
    return <EmptyState title="The list of people is for members">Sign in to see who is here.</EmptyState>;
  }
  if (status === "failed") {
    return (
      <EmptyState title="The list could not be loaded">
        <Button look="quiet" onClick={() => void dispatch(searchPeople(prefix))}>
          Try again
        </Button>
      </EmptyState>
    );
  }
  if (status !== "loaded") return null;
  return prefix ? (
    <EmptyState title={`Nobody whose name begins with “${prefix}”`}>
      Names are searched from their first letter.
    </EmptyState>
  ) : (
    <EmptyState title="Nobody else is here yet">
      {isThisMachine
        ? "Send someone the address of this machine in your network; GoChat prints it at its start."
        : "Send someone the address of this page."}{" "}
      They appear in this list as soon as they have an account.
    </EmptyState>
  );
}
