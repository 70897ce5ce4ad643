import { useState } from "react";
import type { Refusals } from "../errors";
import { Action } from "../Form";
import { MakeRecoveryCodesDocument, RemoveFactorDocument, SetSecondFactorDocument } from "../gql/graphql";
import { addPasskey, passkeysWork } from "../passkey";
import { useAuth, type Me } from "../site";
import { when } from "../when";
import { words } from "../words";
import { AddApp } from "./AddApp";
import { RecoveryCodes } from "./RecoveryCodes";

type Factor = NonNullable<Me["factors"]>[number];

/** Factors are passkeys, apps and recovery codes. */
export function Factors({ me }: { me: Me }) {
  const { send, offers, reload } = useAuth();
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const [said, setSaid] = useState("");
  const factors = me.factors ?? [];

  const done = ({ recoveryCodes, errors }: { recoveryCodes?: readonly string[] | null; errors: Refusals }) => {
    if (recoveryCodes) setCodes(recoveryCodes);
    reload();
    return errors;
  };
  const passkey = async () => {
    const added = await addPasskey(send);
    if (added.errors.length === 0) setSaid(words.passkeyAdded);
    return done(added);
  };

  if (codes) return <RecoveryCodes codes={codes} kept={() => setCodes(null)} />;
  return (
    <>
      <p>{me.secondFactor ? words.factorOn : words.factorOff} {me.recoveryCodesLeft !== null && me.secondFactor && words.recoveryLeft(me.recoveryCodesLeft ?? 0)}</p>
      <ul className="list">{factors.map((factor) => <Row key={factor.id} factor={factor} />)}</ul>
      <p role="status">{said}</p>
      <div className="row">
        {offers.passkeys && passkeysWork() && <div><Action label={words.addPasskey} run={passkey} /></div>}
        {me.secondFactor && <div><Action label={words.makeRecovery} run={async () => done((await send(MakeRecoveryCodesDocument, {})).makeRecoveryCodes)} /></div>}
        {factors.length > 0 && (me.secondFactor || offers.secondFactor !== "OFF") && (
          <div>
            <Action label={me.secondFactor ? words.turnOff : words.turnOn}
              run={async () => done((await send(SetSecondFactorDocument, { input: { enabled: !me.secondFactor } })).setSecondFactor)} />
          </div>
        )}
      </div>
      {offers.secondFactor !== "OFF" && <AddApp added={setCodes} />}
    </>
  );
}

function Row({ factor: { id, kind, name, createdAt, lastUsedAt, logsIn } }: { factor: Factor }) {
  const { send, reload } = useAuth();
  const remove = async () => {
    const { removeFactor: { errors } } = await send(RemoveFactorDocument, { input: { id } });
    reload();
    return errors;
  };
  const passkey = kind === "PASSKEY";
  return (
    <li>
      <span>
        <strong>{name}</strong>
        <small>{[passkey ? words.passkey : words.app, passkey && !logsIn && words.onlySecond, lastUsedAt ? words.used(when(lastUsedAt)) : words.added(when(createdAt))].filter(Boolean).join(" · ")}</small>
      </span>
      <span><Action label={words.remove} about={name} run={remove} /></span>
    </li>
  );
}
