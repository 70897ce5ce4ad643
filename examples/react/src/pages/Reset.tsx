import { Card } from "../Card";
import { Field, Form, useForm } from "../Form";
import { ResetPasswordDocument } from "../gql/graphql";
import { go, Link } from "../router";
import { useSecondStep } from "../SecondStep";
import { useAuth } from "../site";
import { useLink } from "../useLink";
import { words } from "../words";
import { Forgotten } from "./Forgotten";

/** Reset is the page of AUTHGRAPH_RESET_URL. With a second factor, the new password takes effect with the second step. */
export function Reset() {
  const { send, session, site, offers } = useAuth();
  const link = useLink();
  const { take, step, lapsed } = useSecondStep(() => go(site.home, { replace: true }));
  const form = useForm(["newPassword"], async ({ newPassword = "" }) => {
    const input = { token: link?.token ?? "", newPassword, session: { delivery: session.delivery } };
    const { resetPassword } = await send(ResetPasswordDocument, { input });
    return take(resetPassword);
  });
  if (!link) return <Forgotten />;
  if (step) return <Card title={words.secondStep}>{step}</Card>;
  return (
    <Card title={words.resetTitle}>
      <p>{words.resetWhy}</p>
      {lapsed && <p className="notice bad" role="alert">{words.tookTooLong}</p>}
      <Form form={form} button={words.setPassword} whose={link.email}>
        <Field form={form} name="newPassword" label={words.newPassword} type="password" autoComplete="new-password" hint={words.atLeast(offers.passwordMinLength)} />
      </Form>
      <p className="foot"><Link to="/forgotten">{words.sendLink}</Link></p>
    </Card>
  );
}
