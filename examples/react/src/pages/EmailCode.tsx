import { useState } from "react";
import { at, type Refusals } from "../errors";
import { Field, Form, useForm } from "../Form";
import { AnswerChallengeDocument, StartEmailLoginDocument } from "../gql/graphql";
import type { useSecondStep } from "../SecondStep";
import { useAuth } from "../site";
import { words } from "../words";

// The code works with this challenge only. Phones throw a page away while its owner reads the e-mail.
const key = "authgraph.code";
interface Waiting { challenge: string; email: string }
const read = (): Waiting | null => JSON.parse(sessionStorage.getItem(key) ?? "null") as Waiting | null;

/** Whether a code was asked for in this tab. */
export const isWaiting = (): boolean => read() !== null;

/** EmailCode asks for a code by e-mail, and logs in with it. */
export function EmailCode({ take }: Pick<ReturnType<typeof useSecondStep>, "take">) {
  const [waiting, setWaiting] = useState(read);
  const wait = (now: Waiting | null) => {
    if (now) sessionStorage.setItem(key, JSON.stringify(now));
    else sessionStorage.removeItem(key);
    setWaiting(now);
  };
  if (waiting) return <Answer {...waiting} take={take} over={() => wait(null)} />;
  return <Ask sent={wait} />;
}

function Ask({ sent }: { sent: (waiting: Waiting) => void }) {
  const { send, session } = useAuth();
  const form = useForm(["email"], async ({ email = "", captcha }) => {
    const { startEmailLogin: { challenge, errors } } = await send(StartEmailLoginDocument, { input: { email, captcha, session: { delivery: session.delivery } } });
    if (challenge) sent({ challenge: challenge.token, email });
    return errors;
  });
  return (
    <Form form={form} button={words.sendCode} captcha="startEmailLogin">
      <Field form={form} name="email" label={words.email} type="email" autoComplete="username" />
    </Form>
  );
}

function Answer({ challenge, email, take, over }: Waiting & Pick<ReturnType<typeof useSecondStep>, "take"> & { over: () => void }) {
  const { send } = useAuth();
  const form = useForm(["emailCode"], async ({ emailCode = "" }): Promise<Refusals> => {
    const { answerChallenge } = await send(AnswerChallengeDocument, { input: { challenge, emailCode } });
    const { auth, challenge: next, errors } = answerChallenge;
    if (auth || next || errors.some(({ code }) => code === "INVALID_TOKEN")) over();
    return at("emailCode", take(answerChallenge));
  });
  return (
    <>
      <p role="status">{words.codeSent(email)}</p>
      <Form form={form} button={words.logIn} others={<button type="button" className="wide quiet" onClick={over}>{words.back}</button>}>
        <Field form={form} name="emailCode" label={words.emailCode} autoComplete="one-time-code" inputMode="numeric" autoFocus />
      </Form>
    </>
  );
}
