import type { Send } from "../errors";
import { AnswerChallengeDocument } from "../gql/graphql";
import type { Session } from "../session";
import { Field, Fields } from "./Fields";
import { useForm } from "./useForm";

interface Props {
  /** Token of the challenge. */
  challenge: string;
  session: Session;
  send: Send;
  done?: () => void;
  /** The challenge is void: begin again. */
  again: () => void;
}

/** SecondFactor is the second step, for an account with a second factor. An app shows six digits; a recovery code is longer. */
export function SecondFactor({ challenge, session, send, done, again }: Props) {
  const form = useForm(["code"], async ({ code = "" }) => {
    const proof = code.replace(/\s/g, "").length > 8 ? { recoveryCode: code } : { totpCode: code };
    const { answerChallenge } = await send(AnswerChallengeDocument, { input: { challenge, ...proof } });
    if (answerChallenge.auth) {
      session.begin(answerChallenge.auth);
      done?.();
    }
    if (answerChallenge.errors.some((error) => error.code === "INVALID_TOKEN")) again();
    return answerChallenge.errors.map((error) => ({ ...error, field: error.field && ["code"] }));
  });
  return (
    <Fields form={form} button="Log in">
      <Field form={form} name="code" label="Code of your authenticator app, or a recovery code" type="text" autoComplete="one-time-code" />
    </Fields>
  );
}
