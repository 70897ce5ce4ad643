import { useState } from "react";
import { Action } from "../Form";
import { DeleteAccountDocument } from "../gql/graphql";
import { go } from "../router";
import { useAuth } from "../site";
import { words } from "../words";

/** Delete asks twice. */
export function Delete() {
  const { session, send, site } = useAuth();
  const [sure, setSure] = useState(false);
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
      {!sure && <button type="button" onClick={() => setSure(true)}>{words.deleteAsk}</button>}
      {sure && <div className="row"><div><Action className="danger" label={words.deleteNow} run={run} /></div><button type="button" onClick={() => setSure(false)}>{words.cancel}</button></div>}
    </>
  );
}
