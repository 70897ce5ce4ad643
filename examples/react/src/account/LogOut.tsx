import { Action } from "../Form";
import { LogoutDocument } from "../gql/graphql";
import { go } from "../router";
import { useAuth } from "../site";
import { words } from "../words";

/** LogOut ends the session of this browser, in all its tabs. */
export function LogOut() {
  const { session, send, site } = useAuth();
  const run = async () => {
    const { logout: { errors } } = await send(LogoutDocument, { input: { refreshToken: session.refreshToken } });
    go(`${site.base}/log-in`);
    session.end();
    return errors;
  };
  return <div><Action label={words.logOut} run={run} /></div>;
}
