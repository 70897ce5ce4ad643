import { person } from "../lib/person";

// Links to authgraph's pages and to private ones are plain: <Link> would fetch them beforehand, and a page that was fetched before the log-in would be shown after it.
export default async function Home() {
  const me = await person();
  return (
    <>
      <h1>Example</h1>
      {me ? <p>You are logged in as {me.username ?? me.email}.</p> : <p>You are not logged in.</p>}
      <p>{me ? <a href="/private">Your page</a> : <a href="/log-in">Log in</a>}</p>
    </>
  );
}
