// Uses a passkey, also in browsers that cannot read and write its JSON by themselves.

export const passkeysWork = () => typeof PublicKeyCredential !== "undefined" && "credentials" in navigator;

// usePasskey answers options; it rejects where the person closes the dialogue.
export async function usePasskey(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON?.(options) ?? {
    ...options, challenge: bytes(options.challenge), allowCredentials: options.allowCredentials?.map((c) => ({ ...c, id: bytes(c.id) })),
  };
  const passkey = await navigator.credentials.get({ publicKey });
  if (passkey.toJSON) return passkey.toJSON();
  const { clientDataJSON, authenticatorData, signature, userHandle } = passkey.response;
  return {
    id: passkey.id, rawId: text(passkey.rawId), type: passkey.type, clientExtensionResults: {},
    response: {
      clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
      ...(userHandle && { userHandle: text(userHandle) }),
    },
  };
}

const bytes = (base64url) => Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
