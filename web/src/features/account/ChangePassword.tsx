import { type FormEvent, useState } from "react";
import { ProblemError } from "../../lib/http.ts";
import { fieldSentence, waitSentence } from "../../lib/problem-words.ts";
import { characterCount } from "../../lib/text.ts";
import { useClient } from "../../realtime/client-context.ts";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";

interface Complaint {
  readonly field: "current" | "next" | "form";
  readonly text: string;
}

function complaintOf(error: unknown): Complaint {
  if (!(error instanceof ProblemError)) return { field: "form", text: "Something went wrong. Try again." };
  if (error.code === "WRONG_PASSWORD")
    return { field: "current", text: "This is not your current password." };
  const first = error.fields[0];
  if (first) return { field: "next", text: fieldSentence("password", first.message) };
  const isForNow = error.code === "RATE_LIMITED" || error.code === "BUSY";
  return { field: "form", text: isForNow ? waitSentence(error) : error.message };
}

export function ChangePassword({ onChanged }: { onChanged: () => void }) {
  const { api, keeper } = useClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [complaint, setComplaint] = useState<Complaint>();
  const [isDone, setDone] = useState(false);

  async function onSubmit(event: FormEvent): Promise<void> {
    event.preventDefault();
    setDone(false);
    if (current === "") return setComplaint({ field: "current", text: "Enter your current password." });
    if (characterCount(next) < 8) return setComplaint({ field: "next", text: "Use at least 8 characters." });
    if (next === current) return setComplaint({ field: "next", text: "This is the password you have." });
    setComplaint(undefined);
    try {
      await api.changePassword({ currentPassword: current, newPassword: next });
      keeper.noteFresh();
      setCurrent("");
      setNext("");
      setDone(true);
      onChanged();
    } catch (error) {
      setComplaint(complaintOf(error));
    }
  }
  const said = (field: Complaint["field"]) => (complaint?.field === field ? complaint.text : undefined);

  return (
    <section aria-labelledby="password-title">
      <h2 id="password-title" className="text-xl font-semibold tracking-tight">
        Password
      </h2>
      <p className="mt-1 mb-5 text-soft">A new one ends every session but this.</p>
      <form noValidate onSubmit={(event) => void onSubmit(event)}>
        <Field
          label="Current password"
          type="password"
          autoComplete="current-password"
          value={current}
          error={said("current")}
          onChange={({ target }) => setCurrent(target.value)}
        />
        <Field
          label="New password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters."
          value={next}
          error={said("next")}
          onChange={({ target }) => setNext(target.value)}
        />
        <div className="flex flex-wrap items-center gap-4 pl-8">
          <Button type="submit" look="outline">
            Change password
          </Button>
          <p role="alert" className={complaint ? "text-rust" : "text-pine"}>
            {isDone ? "Changed. Every other session has ended." : said("form")}
          </p>
        </div>
      </form>
    </section>
  );
}
