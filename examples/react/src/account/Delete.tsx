import { Action, Fold } from "../Form";
import { DeleteAccountDocument } from "../gql/graphql";
import { go } from "../router";
import { useAuth } from "../site";
import { words } from "../words";

/** Delete takes two presses. */
export function Delete() {
  const { session, send, site } = useAuth();
  const run = async () => {
    const { deleteAccount: { user, errors } } = await send(DeleteAccountDocument, {});
    if (user) {
      go(`${site.base}/log-in`);
      session.end();
    }
    return errors;
  };
  return (
    <>
      <p>{words.deleteWhy}</p>
      <Fold label={words.deleteAsk}><Action className="danger" label={words.deleteNow} run={run} /></Fold>
    </>
  );
}
