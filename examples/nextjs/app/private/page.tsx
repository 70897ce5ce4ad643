import { redirect } from "next/navigation";
import { person } from "../../lib/person";

export default async function Private() {
  const me = await person();
  if (!me) redirect("/log-in");
  return (
    <>
      <h1>Your page</h1>
      <p>Only {me.username ?? me.email} sees this.</p>
      <p><a href="/account">Your account</a></p>
      <form action="/log-out" method="post">
        <button>Log out</button>
      </form>
    </>
  );
}
