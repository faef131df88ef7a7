import { Link } from "wouter";
import { buttonLook } from "./Button.tsx";
import { EmptyState } from "./EmptyState.tsx";

/** For an address that leads nowhere. */
export function NothingHere() {
  return (
    <EmptyState title="There is nothing here">
      The address may be mistyped.{" "}
      <Link href="/" className={buttonLook("quiet")}>
        Back to the start
      </Link>
    </EmptyState>
  );
}
