import { directConversationId } from "@gochat/contracts/conversation-id";
import { Link, useLocation, useSearchParams } from "wouter";
import { useClient } from "../../realtime/client-context.ts";
import { useAppSelector } from "../../state/state.ts";
import { buttonLook } from "../../ui/Button.tsx";
import { AccountForm, type AccountFormProps } from "./AccountForm.tsx";
import { AccountFrame } from "./AccountFrame.tsx";
import { checkSignIn } from "./check-fields.ts";
import { wayBack } from "./way-back.ts";

const fields: AccountFormProps["fields"] = [
  { name: "email", label: "E-mail", autoComplete: "username" },
  { name: "password", label: "Password", autoComplete: "current-password" },
];

export function SignInPage() {
  const { api } = useClient();
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const { hasExpired, lastEmail } = useAppSelector((state) => state.session);
  const other = search.get("with");
  const to = wayBack(search);
  const intro = hasExpired
    ? "Your session has ended. Sign in to go on; what you had not sent yet is kept here."
    : to
      ? "Sign in to go on to the page you asked for."
      : "Your conversations are where you left them.";
  return (
    <AccountFrame title="Welcome back" intro={intro}>
      <AccountForm
        button="Sign in"
        email={lastEmail}
        fields={fields}
        check={checkSignIn}
        submit={({ email, password }) => api.signIn({ email, password })}
        onDone={({ id }) =>
          navigate(other ? `/c/${directConversationId(id, other)}` : (to ?? "/"), { replace: true })
        }
      >
        <p className="text-soft">
          New here?{" "}
          <Link href={`/sign-up?${search}`} className={buttonLook("quiet")}>
            Create an account
          </Link>
        </p>
      </AccountForm>
    </AccountFrame>
  );
}
