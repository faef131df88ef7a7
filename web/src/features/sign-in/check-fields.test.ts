import { describe, expect, it } from "vitest";
import { ProblemError } from "../../lib/http.ts";
import { checkSignIn, checkSignUp, complaintsOf } from "./check-fields.ts";

const fine = { email: "ana@example.org", username: "ana", password: "correct horse" };

describe("what is said about a form", () => {
  it("is nothing when all is well", () => {
    expect(checkSignUp(fine)).toEqual({});
    expect(checkSignUp({ ...fine, username: " Ana.B " })).toEqual({});
    expect(checkSignIn(fine)).toEqual({});
  });

  it.each(["", "ab", "-ana", "ana!", "a".repeat(33)])("names the field of the username %j", (username) => {
    expect(Object.keys(checkSignUp({ ...fine, username }))).toEqual(["username"]);
  });

  it("names each wrong field", () => {
    const complaints = checkSignUp({ email: "ana", username: "ana", password: "short" });
    expect(Object.keys(complaints).sort()).toEqual(["email", "password"]);
  });

  it("puts the server's words at their field", () => {
    const fields = [{ path: "/password", message: "is one of the most common ones" }];
    expect(complaintsOf(new ProblemError(400, "INVALID_INPUT", "Not valid", fields))).toEqual({
      password: "This password is one of the most common ones.",
    });
  });

  it("says of a taken name that it may be either, and marks both", () => {
    const error = new ProblemError(409, "EMAIL_OR_USERNAME_TAKEN", "taken", []);
    const { form, ...marked } = complaintsOf(error);
    expect(form).toContain("e-mail or username");
    expect(marked).toEqual({ email: "", username: "" });
  });

  it("says how long to wait", () => {
    expect(complaintsOf(new ProblemError(429, "RATE_LIMITED", "slow", [], 12_000)).form).toContain(
      "12 seconds",
    );
  });
});
