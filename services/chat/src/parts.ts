import type { Trail } from "@gochat/runtime/trail";
import type { KnownConversations } from "./known-conversations.ts";
import type { Measures } from "./measures.ts";
import type { Outgoing } from "./outgoing.ts";
import type { SocketStates } from "./socket-states.ts";
import type { TypingThrottle } from "./typing-throttle.ts";

/** What the service is made of; a command takes the few it uses. */
export interface Parts {
  readonly nodeId: string;
  readonly clock: () => number;
  readonly states: SocketStates;
  readonly outgoing: Outgoing;
  readonly known: KnownConversations;
  /** Of what is passed on. */
  readonly throttle: TypingThrottle;
  /** Of the questions which conversations somebody has. */
  readonly asking: TypingThrottle;
  readonly trail: Trail;
  readonly measures: Measures;
}
