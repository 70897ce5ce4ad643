import { useState } from "react";
import { Action, Check, Field, Fold, Form, useForm } from "../Form";
import { IssueApiTokenDocument, RevokeApiTokenDocument } from "../gql/graphql";
import { useAuth, type Me } from "../site";
import { when } from "../when";
import { words } from "../words";
import { Copy } from "./RecoveryCodes";

/** Tokens are the API tokens of the account. The secret of a new one is shown once. */
export function Tokens({ me }: { me: Me }) {
  const { send, offers, reload } = useAuth();
  const [made, setMade] = useState<string | null>(null);
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const form = useForm(["name", "scopes", "expiresInDays"], async ({ name = "", expiresInDays }) => {
    const input = { name, scopes: [...scopes], expiresInDays: expiresInDays ? Number(expiresInDays) : null };
    const { issueApiToken: { token, errors } } = await send(IssueApiTokenDocument, { input });
    if (token) {
      setMade(token);
      setScopes([]);
      reload();
    }
    return errors;
  });
  const revoke = async (id: string) => {
    const { revokeApiToken: { errors } } = await send(RevokeApiTokenDocument, { input: { id } });
    reload();
    return errors;
  };
  const tick = (scope: string, on: boolean) => setScopes(on ? [...scopes, scope] : scopes.filter((other) => other !== scope));
  return (
    <>
      <p>{words.tokensWhy}</p>
      <ul className="list">
        {(me.apiTokens ?? []).map(({ id, name, hint, scopes, expiresAt, lastUsedAt }) => (
          <li key={id}>
            <span>
              <strong>{name}</strong> <code>{hint}…</code>
              <small>{[scopes.join(", "), words.until(when(expiresAt)), lastUsedAt && words.used(when(lastUsedAt))].filter(Boolean).join(" · ")}</small>
            </span>
            <span><Action label={words.end} about={name} run={() => revoke(id)} /></span>
          </li>
        ))}
      </ul>
      {made && (
        <div className="notice good" role="status">
          <p>{words.tokenShown}</p>
          <p><code className="secret">{made}</code></p>
          <Copy text={made} />
        </div>
      )}
      <Fold key={made} label={words.makeToken}><Form form={form} button={words.save}>
        <Field form={form} name="name" label={words.tokenName} autoComplete="off" />
        <fieldset aria-invalid={Boolean(form.shown.fields.scopes)} tabIndex={-1}>
          <legend>{words.scopes}</legend>
          {offers.apiTokenScopes.map((scope) => (
            <Check key={scope} label={scope} checked={scopes.includes(scope)} onChange={({ target }) => tick(scope, target.checked)} />
          ))}
          <p className="problem">{form.shown.fields.scopes}</p>
        </fieldset>
        <Field form={form} name="expiresInDays" label={words.days} type="number" min="1" autoComplete="off" />
      </Form></Fold>
    </>
  );
}
