import { useState } from "react";
import { Link } from "wouter";
import { useAppSelector } from "../../state/state.ts";
import { buttonLook } from "../../ui/Button.tsx";
import { BackIcon } from "../../ui/icons.tsx";
import { ChangePassword } from "./ChangePassword.tsx";
import { Sessions } from "./Sessions.tsx";
import { ThemeChoice } from "./ThemeChoice.tsx";

export function AccountPage() {
  const user = useAppSelector((state) => state.session.user);
  // A new password ends sessions, so their list is read anew.
  const [round, setRound] = useState(0);
  return (
    <div className="mx-auto w-full max-w-xl px-6 pt-4 pb-20 md:pt-10">
      <Link
        href="/"
        aria-label="Back to the conversations"
        className={`${buttonLook("icon")} -ml-3 md:hidden`}
      >
        <BackIcon />
      </Link>
      <h1 className="truncate text-3xl font-semibold tracking-tight max-md:mt-3">{user?.username}</h1>
      <p className="truncate text-soft">{user?.email}</p>
      <div className="mt-10 space-y-14">
        <Sessions key={round} />
        <ChangePassword onChanged={() => setRound(round + 1)} />
        <section aria-label="Appearance">
          <h2 className="mb-3 text-xl font-semibold tracking-tight">Appearance</h2>
          <ThemeChoice />
        </section>
      </div>
    </div>
  );
}
