import type { Person } from "@gochat/contracts/http/users";

/** A person as stored; only those with a username are shown. */
export interface PersonRow {
  readonly id: string;
  readonly username: string;
  readonly online: boolean;
  readonly lastSeenAt: Date | null;
}

/** What others see. Where presence cannot be read, nobody is said to be online or offline. */
export function presentPerson(row: PersonRow, isPresenceKnown: boolean): Person {
  return {
    id: row.id,
    username: row.username,
    status: isPresenceKnown ? (row.online ? "online" : "offline") : "unknown",
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  };
}

/** A person came or went. */
export interface PresenceChange {
  readonly userId: string;
  readonly online: boolean;
  /** RFC 3339 with milliseconds, so that the order of texts is the order of times. */
  readonly at: string;
}

/** The one change a person is left with after all of these, whatever their order. */
export function newestPresence(changes: readonly PresenceChange[]): PresenceChange[] {
  return newestByUser(changes, isNewer);
}

/** Of the same millisecond, going counts: a connection can't end before it began. */
function isNewer(change: PresenceChange, known: PresenceChange): boolean {
  return change.at > known.at || (change.at === known.at && known.online && !change.online);
}

/** One event a person: the newest. */
export function newestByTime<Event extends { readonly userId: string; readonly at: string }>(
  events: readonly Event[],
): Event[] {
  return newestByUser(events, (event, known) => event.at > known.at);
}

function newestByUser<Event extends { readonly userId: string }>(
  events: readonly Event[],
  isNewer: (event: Event, known: Event) => boolean,
): Event[] {
  const newest = new Map<string, Event>();
  for (const event of events) {
    const known = newest.get(event.userId);
    if (!known || isNewer(event, known)) newest.set(event.userId, event);
  }
  return [...newest.values()];
}
