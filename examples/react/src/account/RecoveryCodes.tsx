import { useState } from "react";
import { Heading } from "../Card";
import { words } from "../words";

/** RecoveryCodes shows them, this once. */
export function RecoveryCodes({ codes, kept }: { codes: readonly string[]; kept: () => void }) {
  return (
    <>
      <Heading as="h3">{words.recoveryCodes}</Heading>
      <p>{words.recoveryWhy}</p>
      <ul className="codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <div className="row">
        <Copy text={codes.join("\n")} />
        <button type="button" className="primary" onClick={kept}>{words.kept}</button>
      </div>
    </>
  );
}

/** Copy copies a text. Without a clipboard, people copy by hand. */
export function Copy({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const press = () => void navigator.clipboard?.writeText(text).then(() => setCopied(true), () => {});
  return <button type="button" onClick={press}><span role="status">{copied ? words.copied : words.copy}</span></button>;
}
