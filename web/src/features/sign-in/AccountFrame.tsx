import type { ReactNode } from "react";
import { Link } from "wouter";
import { Wordmark } from "../../ui/Mark.tsx";

/** The frame of sign-up and sign-in: one column, nothing else to look at. */
export function AccountFrame({
  title,
  intro,
  children,
}: {
  title: string;
  intro: string;
  children: ReactNode;
}) {
  return (
    <main className="mx-auto flex w-full max-w-md flex-col px-6 pt-6 pb-12 sm:pt-[12vh]">
      <Link href="/" className="self-start rounded" aria-label="GoChat, to the start">
        <Wordmark />
      </Link>
      <h1 className="mt-12 text-4xl font-semibold tracking-tight">{title}</h1>
      <p className="mt-2 mb-8 text-soft">{intro}</p>
      {children}
    </main>
  );
}
