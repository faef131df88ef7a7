import { ProblemError } from "../../lib/http.ts";
import { fieldSentence, sentence, waitSentence } from "../../lib/problem-words.ts";
import { characterCount } from "../../lib/text.ts";

export interface AccountFields {
  readonly email: string;
  readonly username: string;
  readonly password: string;
}

export type FieldName = keyof AccountFields;

/** What is wrong, by field; `form` is what belongs to no single one. A field with an empty text may be meant by it. */
export type Complaints = Partial<Record<FieldName | "form", string>>;

const usernamePattern = /^[a-z0-9][a-z0-9_.-]{1,30}[a-z0-9]$/;

/** Says what the server would refuse anyway, in words that help; the server has the last word. */
export function checkSignUp({ email, username, password }: AccountFields): Complaints {
  const complaints: Complaints = checkEmail(email);
  const name = username.trim().toLowerCase();
  if (name === "") complaints.username = "Choose a name that others will see.";
  else if (name.length < 3 || name.length > 32) complaints.username = "Use 3 to 32 characters.";
  else if (!usernamePattern.test(name)) {
    complaints.username = "Use a to z without accents, digits, and . _ - between them.";
  }
  if (password === "") complaints.password = "Choose a password.";
  else if (characterCount(password) < 8) complaints.password = "Use at least 8 characters.";
  else if (characterCount(password) > 256) complaints.password = "Use at most 256 characters.";
  return complaints;
}

export function checkSignIn({ email, password }: AccountFields): Complaints {
  const complaints = checkEmail(email);
  if (password === "") complaints.password = "Enter your password.";
  return complaints;
}

function checkEmail(email: string): Complaints {
  if (email.trim() === "") return { email: "Enter your e-mail address." };
  return /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? {} : { email: "This is not an e-mail address." };
}

const labels: Readonly<Record<FieldName, string>> = {
  email: "e-mail",
  username: "username",
  password: "password",
};
const fieldNames = Object.keys(labels) as FieldName[];

/** A refusal of the server, at the fields it speaks of. */
export function complaintsOf(error: unknown): Complaints {
  if (!(error instanceof ProblemError)) return { form: "Something went wrong. Try again." };
  const complaints: Complaints = {};
  for (const { path, message } of error.fields) {
    const name = fieldNames.find((field) => path === `/${field}`);
    if (name) complaints[name] ??= fieldSentence(labels[name], message);
  }
  if (Object.keys(complaints).length > 0) return complaints;
  return formComplaints(error);
}

function formComplaints(error: ProblemError): Complaints {
  switch (error.code) {
    case "EMAIL_OR_USERNAME_TAKEN": {
      const form = "This e-mail or username is taken. Choose another name, or sign in if it is yours.";
      return { form, email: "", username: "" };
    }
    case "INVALID_CREDENTIALS":
      return { form: "The e-mail or the password is wrong.", email: "", password: "" };
    case "RATE_LIMITED":
    case "BUSY":
      return { form: waitSentence(error) };
    default:
      return { form: sentence(error.message) };
  }
}
