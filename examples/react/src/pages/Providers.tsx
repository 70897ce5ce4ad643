import { Action } from "../Form";
import { leaveFor } from "../provider";
import { useAuth } from "../site";
import { words } from "../words";

/** Providers is a button for each. It leaves the page, and the browser comes back to SignedIn. */
export function Providers() {
  const { offers, send, site } = useAuth();
  if (!site.returnUrl) return null;
  return offers.providers.map(({ id, name }) => (
    <Action key={id} className="wide" label={words.withProvider(name)} run={() => leaveFor(send, id, site.returnUrl)} />
  ));
}
