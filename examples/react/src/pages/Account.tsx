import { useRef, type ReactNode } from "react";
import { Address, Username } from "../account/Address";
import { Delete } from "../account/Delete";
import { Factors } from "../account/Factors";
import { Identities, LinkOffered } from "../account/Identities";
import { Language } from "../account/Language";
import { LogOut } from "../account/LogOut";
import { Password } from "../account/Password";
import { Profile } from "../account/Profile";
import { Sessions } from "../account/Sessions";
import { Tokens } from "../account/Tokens";
import { Heading, useTitle } from "../Card";
import { useAuth, type Me } from "../site";
import { useKeptFocus } from "../useKeptFocus";
import { words } from "../words";

/** Account is everything that people do with their account. */
export function Account() {
  const { me, site, offers } = useAuth();
  const main = useRef<HTMLElement>(null);
  useTitle(words.account);
  useKeptFocus(main);
  if (!me) return null; // App shows the log-in instead
  return (
    <main ref={main} className="account">
      <header>
        <div>
          <p className="service">{site.name}</p>
          <Heading>{words.account}</Heading>
        </div>
        <div className="row">
          {site.app && <a className="button" href={site.app}>{words.toApp}</a>}
          <LogOut />
        </div>
      </header>
      <LinkOffered />
      {site.profile.length > 0 && <Section title={words.profile}><Profile /></Section>}
      <Section title={words.address}><Address me={me} /></Section>
      {offers.usernames && <Section title={words.username}><Username me={me} /></Section>}
      <Section title={words.password}><Password me={me} /></Section>
      {hasFactors(me, offers) && <Section title={words.factors}><Factors me={me} /></Section>}
      {offers.providers.length > 0 && site.returnUrl && <Section title={words.identities}><Identities me={me} /></Section>}
      {offers.locales.length > 1 && <Section title={words.language}><Language me={me} /></Section>}
      <Section title={words.sessions}><Sessions me={me} /></Section>
      {offers.apiTokenScopes.length > 0 && <Section title={words.tokens}><Tokens me={me} /></Section>}
      <Section title={words.deleteTitle}><Delete /></Section>
    </main>
  );
}

const hasFactors = (me: Me, { passkeys, secondFactor }: { passkeys: boolean; secondFactor: string }) =>
  passkeys || secondFactor !== "OFF" || (me.factors ?? []).length > 0;

function Section({ title, children }: { title: string; children: ReactNode }) {
  return <section className="card" aria-label={title}><h2 tabIndex={-1}>{title}</h2>{children}</section>;
}
