import { useState } from "react";
import { Action } from "../Form";
import { LinkIdentityDocument, UnlinkIdentityDocument, type LinkIdentityInput } from "../gql/graphql";
import { PopUp } from "../PopUp";
import { dropOffer, keptOffer } from "../provider";
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
  const { send, offers, reload } = useAuth();
  const link = useLinking();
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
        {offers.providers.map(({ id, name }) => <div key={id}><PopUp provider={id} label={words.linkWith(name)} purpose="LINK" take={(answer) => link({ answer })} /></div>)}
      </div>
    </>
  );
}

/** LinkOffered links the login that somebody came with, now that they have logged in to their account (see SignedIn). */
export function LinkOffered() {
  const link = useLinking();
  const [token, setToken] = useState(keptOffer);
  const [said, setSaid] = useState<"" | "linked" | "offerGone">("");
  const run = async (token: string) => {
    const errors = await link({ token });
    const gone = errors.some(({ code }) => code === "INVALID_TOKEN");
    if (errors.length > 0 && !gone) return errors;
    dropOffer();
    setSaid(gone ? "offerGone" : "linked");
    return [];
  };
  if (said) return <p className={said === "linked" ? "notice good" : "notice bad"} role="status">{words[said]}</p>;
  if (!token) return null;
  return (
    <section className="card" aria-label={words.link}>
      <p>{words.linkOffered}</p>
      <div className="row">
        <div><Action className="primary" label={words.link} run={() => run(token)} /></div>
        <button type="button" onClick={() => { dropOffer(); setToken(null); }}>{words.notNow}</button>
      </div>
    </section>
  );
}
