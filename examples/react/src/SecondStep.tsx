import { useCallback, useState, type ReactNode } from "react";
import { at, type Refusals } from "./errors";
import { Action, Check, Field, Form, useForm } from "./Form";
import { AnswerChallengeDocument, type AnswerChallengeInput, type LoginFragment, type StepFragment } from "./gql/graphql";
import { usePasskey } from "./passkey";
import { secondFactor } from "./Presence";
import { useAuth } from "./site";
import { words } from "./words";

/** What every way of logging in answers. */
interface Outcome {
  auth?: LoginFragment | null;
  challenge?: StepFragment | null;
  errors: Refusals;
}

/**
 * useSecondStep goes on with what a way of logging in answered: `take` logs in, or shows `step`. `lapsed` says that the
 * step took too long, or there were too many wrong codes: then the log-in begins again.
 */
export function useSecondStep(done?: () => void): { take: (outcome: Outcome) => Refusals; step: ReactNode; lapsed: boolean } {
  const { session } = useAuth();
  const [challenge, setChallenge] = useState<StepFragment | null>(null);
  const [lapsed, setLapsed] = useState(false);
  const take = useCallback(({ auth, challenge, errors }: Outcome) => {
    if (auth) {
      done?.();
      session.begin(auth);
    }
    if (challenge) setChallenge(challenge);
    return errors;
  }, [session, done]);
  const again = () => { setChallenge(null); setLapsed(true); };
  return { take, step: challenge && <SecondStep challenge={challenge} take={take} again={again} />, lapsed };
}

interface Props {
  challenge: StepFragment;
  take: (outcome: Outcome) => Refusals;
  again: () => void;
}

function SecondStep({ challenge: { token, methods, passkeyOptions }, take, again }: Props) {
  const { send, offers } = useAuth();
  const [trustDevice, setTrust] = useState(false);
  const answer = async (proof: Partial<AnswerChallengeInput>) => {
    const { answerChallenge } = await send(AnswerChallengeDocument, { input: { challenge: token, trustDevice, ...proof } });
    if (answerChallenge.errors.some(({ code }) => code === "INVALID_TOKEN")) again();
    return take(answerChallenge);
  };
  const form = useForm(["code"], async ({ code = "" }) => at("code", await answer(secondFactor(code))));
  const coded = methods.includes("TOTP") || methods.includes("RECOVERY_CODE");
  return (
    <>
      <p>{words.secondStepWhy}</p>
      {offers.trustedDeviceDays > 0 && (
        <Check label={words.trust(offers.trustedDeviceDays)} checked={trustDevice} onChange={({ target }) => setTrust(target.checked)} />
      )}
      {passkeyOptions && <Action className="wide" label={words.usePasskey} run={async () => answer({ passkey: await usePasskey(passkeyOptions) })} />}
      {coded && (
        <Form form={form} button={words.logIn}>
          <Field form={form} name="code" label={words.code} autoComplete="one-time-code" autoFocus />
        </Form>
      )}
    </>
  );
}
