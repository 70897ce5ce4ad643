import { useState } from "react";
import { Action } from "../Form";
import { LinkIdentityDocument, UnlinkIdentityDocument, type LinkIdentityInput } from "../gql/graphql";
import { dropOffer, keptOffer, popUp, takeAnswer } from "../provider";
import { useAuth, type Me } from "../site";
import { words } from "../words";

function useLinking() {
  const { send, reload } = useAuth();
  return async (input: LinkIdentityInput) => {
    const { linkIdentity: { errors } } = await send(LinkIdentityDocument, { input });
    reload();
    return errors;
  };
}

/** Identities are the logins with others that open this account. */
export function Identities({ me }: { me: Me }) {
  const { send, site, offers, reload } = useAuth();
  const link = useLinking();
  const begin = async (id: string) => {
    const came = await popUp(send, id, site.returnUrl, { purpose: "LINK" });
    if (!("code" in came)) return came;
    const answer = takeAnswer(came);
    return answer ? link({ answer }) : [];
  };
  const unlink = async (id: string) => {
    const { unlinkIdentity: { errors } } = await send(UnlinkIdentityDocument, { input: { id } });
    reload();
    return errors;
  };
  const identities = me.identities ?? [];
  const nameOf = (provider: string) => offers.providers.find(({ id }) => id === provider)?.name ?? provider;
  return (
    <>
      <ul className="list">
        {identities.map(({ id, provider, email, name, active }) => (
          <li key={id}>
            <span><strong>{nameOf(provider)}</strong><small>{[email ?? name, !active && words.identityOff].filter(Boolean).join(" · ")}</small></span>
            <span><Action label={words.unlink} about={nameOf(provider)} run={() => unlink(id)} /></span>
          </li>
        ))}
      </ul>
      <div className="row">
        {offers.providers.map(({ id, name }) => <div key={id}><Action label={words.linkWith(name)} run={() => begin(id)} /></div>)}
      </div>
    </>
  );
}

/** LinkOffered links the login that somebody came with, now that they have logged in to their account (see SignedIn). */
export function LinkOffered() {
  const link = useLinking();
  const [token, setToken] = useState(keptOffer);
  const [said, setSaid] = useState("");
  const drop = () => { dropOffer(); setToken(null); };
  const run = async (token: string) => {
    const errors = await link({ token });
    if (errors.length === 0) {
      drop();
      setSaid(words.linked);
    }
    return errors;
  };
  if (said) return <p className="notice good" role="status">{said}</p>;
  if (!token) return null;
  return (
    <section className="card" aria-label={words.link}>
      <p>{words.linkOffered}</p>
      <Action className="primary" label={words.link} run={() => run(token)} /> <button type="button" onClick={drop}>{words.notNow}</button>
    </section>
  );
}
