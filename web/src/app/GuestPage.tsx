import { Link } from "wouter";
import { PeopleList } from "../features/people/PeopleList.tsx";
import { buttonLook } from "../ui/Button.tsx";
import { Wordmark } from "../ui/Mark.tsx";
import { Node } from "../ui/Node.tsx";

/** What a guest sees: who is here, and a calm way in. */
export function GuestPage() {
  return (
    <main className="mx-auto grid w-full max-w-6xl grid-cols-1 content-start gap-x-16 px-0 pt-6 md:grid-cols-[minmax(0,5fr)_minmax(0,6fr)] md:px-6 md:pt-16">
      <div className="px-6 md:sticky md:top-16 md:self-start">
        <Wordmark />
        <h2 className="mt-10 text-4xl leading-[1.1] font-semibold tracking-tight text-balance sm:text-5xl md:mt-20">
          A line between two people.
        </h2>
        <p className="mt-4 max-w-[26rem] text-lg text-soft">
          What you write is stored before it is called sent, in the same order for both of you.
        </p>
        <div className="mt-7 mb-12 flex flex-wrap items-center gap-x-6 gap-y-3">
          <Link href="/sign-up" className={buttonLook("primary")}>
            Create account
          </Link>
          <Link href="/sign-in" className={buttonLook("quiet")}>
            Sign in
          </Link>
        </div>
        <Legend />
      </div>
      <PeopleList />
    </main>
  );
}

const signs = [
  { kind: "filled", className: "text-pine", meaning: "online" },
  { kind: "ring", className: "", meaning: "away" },
  { kind: "dotted", className: "", meaning: "not known right now" },
] as const;

/** How to read the nodes; on a phone the words in the list have to do. */
function Legend() {
  return (
    <div className="relative hidden text-sm text-faint md:block">
      <span className="thread left-[0.34rem] my-2" aria-hidden="true" />
      <ul className="space-y-2" aria-label="Signs">
        {signs.map(({ kind, className, meaning }) => (
          <li key={kind} className="relative flex items-center gap-4">
            <span className="bg-paper py-0.5">
              <Node kind={kind} className={className} />
            </span>
            {meaning}
          </li>
        ))}
      </ul>
    </div>
  );
}
