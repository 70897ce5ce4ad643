import { useState } from "react";
import { words } from "../errors";
import type { MeQuery, RefusalFragment } from "../gql/graphql";

type Session = NonNullable<NonNullable<MeQuery["me"]>["sessions"]>[number];

/** Sessions lists where the account is logged in. `revoke` ends one and has the client's cache forget it. */
export function Sessions({ sessions, revoke }: { sessions: readonly Session[]; revoke: (id: string) => Promise<readonly RefusalFragment[]> }) {
  const [problem, setProblem] = useState("");

  const end = (id: string) => revoke(id).then(
    (errors) => setProblem(errors.map(({ message }) => message).join(" ")),
    (error: unknown) => setProblem(words(error)),
  );

  return (
    <>
      <ul style={{ listStyle: "none", padding: 0 }}>
        {sessions.map(({ id, current, deviceName, lastUsedAt }) => (
          <li key={id}>
            {deviceName ?? "A browser"}, last used {new Date(lastUsedAt).toLocaleString()}{" "}
            {current ? "(this one)" : <button type="button" onClick={() => end(id)}>End</button>}
          </li>
        ))}
      </ul>
      <p role="alert">{problem}</p>
    </>
  );
}
