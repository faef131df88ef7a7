import type { Account } from "@gochat/contracts/http/auth";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { hasFinePointer } from "../../lib/pointer.ts";
import { useClient } from "../../realtime/client-context.ts";
import { sessionStarted } from "../../state/sessionSlice.ts";
import { useAppDispatch } from "../../state/state.ts";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { type AccountFields, type Complaints, complaintsOf, type FieldName } from "./check-fields.ts";

export interface AccountFormProps {
  readonly button: string;
  readonly fields: readonly { name: FieldName; label: string; hint?: string; autoComplete: string }[];
  /** What is known already. */
  readonly email?: string;
  check(values: AccountFields): Complaints;
  submit(values: AccountFields): Promise<{ user: Account }>;
  onDone(user: Account): void;
  /** What stands below the button. */
  readonly children: ReactNode;
}

/** The form of both pages: it checks, asks the server, and puts what it answers where it belongs. */
export function AccountForm(props: AccountFormProps) {
  const { button, fields, email = "", check, submit, onDone, children } = props;
  const { keeper, realtime } = useClient();
  const dispatch = useAppDispatch();
  const form = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<AccountFields>({ email, username: "", password: "" });
  const [complaints, setComplaints] = useState<Complaints>({});
  const [isBusy, setBusy] = useState(false);

  function complain(found: Complaints): void {
    setComplaints(found);
    const named = fields.find(({ name }) => found[name]);
    const marked = fields.findLast(({ name }) => found[name] !== undefined);
    const field = named ?? marked;
    if (field) form.current?.querySelector<HTMLInputElement>(`[name=${field.name}]`)?.focus();
  }

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    const found = check(values);
    complain(found);
    if (isBusy || Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      const { user } = await submit({
        ...values,
        email: values.email.trim(),
        username: values.username.trim(),
      });
      keeper.noteFresh();
      realtime.tellOtherTabs();
      dispatch(sessionStarted(user));
      onDone(user);
    } catch (error) {
      complain(complaintsOf(error));
      setBusy(false);
    }
  }

  return (
    <form ref={form} noValidate onSubmit={(event) => void onSubmit(event)}>
      {fields.map(({ name, label, hint, autoComplete }, index) => (
        <Field
          key={name}
          name={name}
          label={label}
          hint={hint}
          error={complaints[name]}
          value={values[name]}
          type={name === "password" ? "password" : name === "email" ? "email" : "text"}
          autoComplete={autoComplete}
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={index === (email ? 1 : 0) && hasFinePointer()}
          onChange={({ target }) => {
            setValues({ ...values, [name]: target.value });
            setComplaints(withoutComplaint(complaints, name));
          }}
        />
      ))}
      <div className="pl-8">
        <p role="alert" className="text-rust empty:hidden not-empty:mb-4">
          {complaints.form}
        </p>
        <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
          <Button type="submit" disabled={isBusy}>
            {button}
          </Button>
          {children}
        </div>
      </div>
    </form>
  );
}

/** One field was changed: what was said of it, of the form, and by that of the others, may no longer hold. */
function withoutComplaint(complaints: Complaints, changed: FieldName): Complaints {
  const kept = Object.entries(complaints).filter(
    ([name, text]) => text && name !== "form" && name !== changed,
  );
  return Object.fromEntries(kept);
}
