import { Card } from "../Card";
import { Link } from "../router";
import { useAuth } from "../site";
import { words } from "../words";

/** Home is where your application begins. */
export function Home() {
  const { me, site } = useAuth();
  return (
    <Card title={site.name}>
      {me ? <p><strong>{me.email ?? me.username}</strong> · <Link to="/account">{words.account}</Link></p>
        : <p><Link to="/log-in">{words.logIn}</Link> {words.or} <Link to="/sign-up">{words.signUp}</Link></p>}
    </Card>
  );
}
