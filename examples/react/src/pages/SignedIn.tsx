import { useEffect, useState } from "react";
import { Card } from "../Card";
import { allWords, errorWords } from "../errors";
import { handOver, keepOffer, loginWithProvider, takeCame } from "../provider";
import { go, Link } from "../router";
import { useSecondStep } from "../SecondStep";
import { useAuth } from "../site";
import { words } from "../words";

const came = takeCame(); // once, when the page is loaded

/** SignedIn is where the browser comes back to from a provider. */
export function SignedIn() {
  const { session, send, site } = useAuth();
  const [said, setSaid] = useState("");
  const [title, setTitle] = useState<string>(words.oneMoment);
  const home = () => go(site.home, { replace: true });
  const { take, step, lapsed } = useSecondStep(home);

  useEffect(() => {
    const stop = (title: string, said: string) => { setTitle(title); setSaid(said); };
    if (!came) return stop(words.logIn, words.linkBroken);
    void loginWithProvider(session, send, came).then((outcome) => {
      if (!outcome) { // another page began it: this is its popup. (Or React runs the effect twice, in development.)
        handOver(came);
        return setTitle((now) => (now === words.oneMoment ? words.goBack : now));
      }
      if (outcome.auth) return home();
      if (outcome.challenge) take({ challenge: outcome.challenge, errors: [] });
      if (outcome.link) {
        keepOffer(outcome.link.token);
        return stop(words.taken, words.takenWhy(outcome.link.email ?? words.thisAddress));
      }
      const late = outcome.errors.some(({ code }) => code === "INVALID_TOKEN");
      return stop(words.logIn, late ? words.tookTooLong : allWords(outcome.errors));
    }, (error: unknown) => stop(words.logIn, errorWords(error)));
  }, []);

  if (step) return <Card title={words.secondStep}>{step}</Card>;
  const why = lapsed ? words.tookTooLong : said;
  return (
    <Card title={lapsed ? words.logIn : title}>
      <p role="status">{title === words.goBack ? words.goBackWhy : why}</p>
      {why && <p><Link to="/log-in">{words.logIn}</Link></p>}
    </Card>
  );
}
