import { lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { SignInPage } from "../features/sign-in/SignInPage.tsx";
import { SignUpPage } from "../features/sign-in/SignUpPage.tsx";
import { isPersonalPage, signInPath } from "../features/sign-in/way-back.ts";
import { useAppSelector } from "../state/state.ts";
import { Wordmark } from "../ui/Mark.tsx";
import { NothingHere } from "../ui/NothingHere.tsx";
import { Banner } from "./Banner.tsx";
import { GuestPage } from "./GuestPage.tsx";
import { useTitle } from "./use-title.ts";

/** Guests never need the shell; who was signed in before gets it while the session is still looked up. */
export const loadShell = () => import("./Shell.tsx");
const Shell = lazy(async () => ({ default: (await loadShell()).Shell }));

/** Who is here decides which pages there are. Until that is known, nothing is shown that may be wrong. */
export function App() {
  const status = useAppSelector((state) => state.session.status);
  useTitle();
  return (
    <div className={`flex flex-col ${status === "person" ? "h-dvh" : "min-h-dvh"}`}>
      <Banner />
      {status === "guest" && <GuestRoutes />}
      {status === "person" && (
        <Suspense>
          <Shell />
        </Suspense>
      )}
    </div>
  );
}

function GuestRoutes() {
  const hasExpired = useAppSelector((state) => state.session.hasExpired);
  const [location, navigate] = useLocation();
  // Whoever was signed in a moment ago is asked to sign in again, and led back to where they were.
  useEffect(() => {
    const { pathname } = window.location;
    if (hasExpired && pathname !== "/sign-in") navigate(signInPath(pathname), { replace: true });
  }, [hasExpired, navigate]);
  return (
    <Switch>
      <Route path="/sign-up">
        <SignUpPage />
      </Route>
      <Route path="/sign-in">
        <SignInPage />
      </Route>
      <Route path="/">
        <GuestPage />
      </Route>
      <Route path="/people">
        <Redirect to="/" replace />
      </Route>
      <Route>
        {isPersonalPage(location) ? <Redirect to={signInPath(location)} replace /> : <NothingHereForGuests />}
      </Route>
    </Switch>
  );
}

function NothingHereForGuests() {
  return (
    <main className="mx-auto w-full max-w-2xl pt-6 sm:pt-[12vh]">
      <Link href="/" className="ml-6 rounded" aria-label="GoChat, to the start">
        <Wordmark />
      </Link>
      <div className="mt-10">
        <NothingHere />
      </div>
    </main>
  );
}
