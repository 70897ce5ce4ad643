import { LogOut } from "../account/LogOut";
import { Card } from "../Card";
import { isElsewhere, Link } from "../router";
import { useAuth } from "../site";
import { words } from "../words";

const key = "authgraph.onward";
const atOnce = 30_000;
let before: number | undefined; // of this visit; effects may run twice

/**
 * sentBack notes that this visit goes on to an application elsewhere. It is true where the last visit did so a moment ago: the
 * application has not found the session, and sends people here for ever.
 */
export function sentBack(to: string): boolean {
  if (!isElsewhere(to)) return false;
  if (before === undefined) {
    before = Number(sessionStorage.getItem(key) ?? 0);
    sessionStorage.setItem(key, String(Date.now()));
  }
  return Date.now() - before < atOnce;
}

/** Onward stops that, and lets people go on by themselves. */
export function Onward() {
  const { site } = useAuth();
  return (
    <Card title={words.loggedIn}>
      <p>{words.sentBack}</p>
      <div className="row">
        <a className="button primary" href={site.home}>{words.toApp}</a>
        <LogOut />
      </div>
      <p className="foot"><Link to="/account">{words.account}</Link></p>
    </Card>
  );
}
