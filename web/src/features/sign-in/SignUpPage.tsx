import { directConversationId } from "@gochat/contracts/conversation-id";
import { Link, useLocation, useSearchParams } from "wouter";
import { useClient } from "../../realtime/client-context.ts";
import { buttonLook } from "../../ui/Button.tsx";
import { AccountForm, type AccountFormProps } from "./AccountForm.tsx";
import { AccountFrame } from "./AccountFrame.tsx";
import { checkSignUp } from "./check-fields.ts";
import { wayBack } from "./way-back.ts";

const usernameHint = "What others see: 3 to 32 of a–z, 0–9, and . _ - between them.";
const fields: AccountFormProps["fields"] = [
  { name: "email", label: "E-mail", autoComplete: "email", hint: "Only for signing in. Nobody sees it." },
  { name: "username", label: "Username", autoComplete: "username", hint: usernameHint },
  { name: "password", label: "Password", autoComplete: "new-password", hint: "At least 8 characters." },
];

/** `?with=<user id>` leads on to the person whom a guest wanted to write to. */
export function SignUpPage() {
  const { api } = useClient();
  const [, navigate] = useLocation();
  const [search] = useSearchParams();
  const other = search.get("with");
  return (
    <AccountFrame title="Create an account" intro="A name, and you can write to everyone here.">
      <AccountForm
        button="Create account"
        fields={fields}
        check={checkSignUp}
        submit={api.signUp}
        onDone={({ id }) =>
          navigate(other ? `/c/${directConversationId(id, other)}` : (wayBack(search) ?? "/people"), {
            replace: true,
          })
        }
      >
        <p className="text-soft">
          Have one?{" "}
          <Link href={`/sign-in?${search}`} className={buttonLook("quiet")}>
            Sign in
          </Link>
        </p>
      </AccountForm>
    </AccountFrame>
  );
}
