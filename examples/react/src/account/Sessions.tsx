import { Action } from "../Form";
import { LogoutDocument, RevokeSessionDocument, type LogoutScope } from "../gql/graphql";
import { useAuth, type Me } from "../site";
import { when } from "../when";
import { words } from "../words";

/** Sessions lists where the account is logged in, and ends what its owner does not want. */
export function Sessions({ me }: { me: Me }) {
  const { session, send, reload } = useAuth();
  const end = async (id: string) => {
    const { revokeSession: { errors } } = await send(RevokeSessionDocument, { input: { id } });
    reload();
    return errors;
  };
  const logOut = async (scope: LogoutScope) => {
    const { logout: { errors } } = await send(LogoutDocument, { input: { scope, refreshToken: session.refreshToken } });
    if (scope === "ALL") session.end();
    else reload();
    return errors;
  };
  const sessions = me.sessions ?? [];
  return (
    <>
      <ul className="list">
        {sessions.map(({ id, current, deviceName, program, ipAddress, lastUsedAt }) => {
          const name = program ?? deviceName ?? words.aBrowser;
          return (
            <li key={id}>
              <span>
                <strong>{name}</strong>{current && <em className="tag">{words.thisOne}</em>}
                <small>{[ipAddress, words.used(when(lastUsedAt))].filter(Boolean).join(" · ")}</small>
              </span>
              {!current && <span><Action label={words.end} about={name} run={() => end(id)} /></span>}
            </li>
          );
        })}
      </ul>
      <div className="row">
        {sessions.length > 1 && <div><Action label={words.logOutOthers} run={() => logOut("OTHERS")} /></div>}
        <div><Action label={words.logOutEverywhere} run={() => logOut("ALL")} /></div>
      </div>
    </>
  );
}
