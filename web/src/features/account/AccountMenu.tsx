import { useCallback, useRef, useState } from "react";
import { Link } from "wouter";
import { useAppSelector } from "../../state/state.ts";
import { Button, buttonLook } from "../../ui/Button.tsx";
import { AccountIcon } from "../../ui/icons.tsx";
import { useDismiss } from "../../ui/use-dismiss.ts";
import { ThemeChoice } from "./ThemeChoice.tsx";
import { useSignOut } from "./use-sign-out.ts";

export function AccountMenu() {
  const user = useAppSelector((state) => state.session.user);
  const [isOpen, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const { signOut, question, hasFailed } = useSignOut();
  useDismiss(ref, isOpen, close);

  return (
    <div ref={ref}>
      <button
        type="button"
        aria-label="Account"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onClick={() => setOpen(!isOpen)}
        className={buttonLook("icon")}
      >
        <AccountIcon />
      </button>
      {isOpen && (
        <div
          role="dialog"
          aria-label="Account"
          className="animate-settle absolute top-14 right-3 z-20 w-72 max-w-[calc(100%-1.5rem)] rounded-2xl border border-thread bg-paper p-6"
        >
          <p className="truncate text-xl font-semibold tracking-tight">{user?.username}</p>
          <p className="truncate text-sm text-faint">{user?.email}</p>
          <div className="mt-5">
            <ThemeChoice />
          </div>
          <div className="mt-5 flex flex-col items-start gap-3">
            <Link href="/account" onClick={close} className={buttonLook("quiet")}>
              Sessions and password
            </Link>
            {question && <p className="text-sm text-rust">{question} Signing out forgets what is unsent.</p>}
            {hasFailed && (
              <p className="text-sm text-rust">GoChat cannot be reached, so you are still signed in.</p>
            )}
            <Button look="outline" onClick={() => void signOut()}>
              {question ? "Sign out all the same" : "Sign out"}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
