// Passkeys in a browser: making one, and using one by a button or from a form's autofill.
import type { Send } from "./client/types";
import {
  AddPasskeyDocument, ConfirmPasskeyDocument, LoginWithPasskeyDocument, StartPasskeyLoginDocument, type RefusalFragment,
} from "./gql/graphql";
import type { Session } from "./session";

/** Whether the browser knows passkeys. Without, show neither button nor autofill. */
export const passkeysWork = (): boolean => typeof PublicKeyCredential !== "undefined" && "credentials" in navigator;

/** Whether a form can offer passkeys in its autofill. Its field needs `autocomplete="username webauthn"`. */
export const autofillWorks = async (): Promise<boolean> =>
  passkeysWork() && await PublicKeyCredential.isConditionalMediationAvailable?.().catch(() => false) === true;

/** The person closed the dialogue, or it took too long: nothing to tell anybody. */
export const isCancelled = (error: unknown): boolean =>
  error instanceof DOMException && (error.name === "NotAllowedError" || error.name === "AbortError");

/** This device has a passkey of the account already. */
export const isHereAlready = (error: unknown): boolean => error instanceof DOMException && error.name === "InvalidStateError";

/**
 * Logs in with a passkey. With `autofill`, it waits until the person picks one in the form, or until `signal` says that the
 * form is gone: end that before any other call, since a page may wait for one passkey at a time.
 */
export async function loginWithPasskey(
  session: Session, send: Send, { autofill = false, signal }: { autofill?: boolean; signal?: AbortSignal } = {},
): Promise<readonly RefusalFragment[]> {
  const { startPasskeyLogin } = await send(StartPasskeyLoginDocument, {});
  if (!startPasskeyLogin.options) return startPasskeyLogin.errors;
  const passkey = await usePasskey(startPasskeyLogin.options, { mediation: autofill ? "conditional" : "optional", signal });
  const { loginWithPasskey: { auth, errors } } = await send(LoginWithPasskeyDocument, { input: { passkey, session: { delivery: session.delivery } } });
  if (auth) session.begin(auth);
  return errors;
}

/** Adds a passkey to the account that is logged in. With `secondFactor`, the account asks for a second factor from now on. */
export async function addPasskey(send: Send, secondFactor = false): Promise<{ recoveryCodes?: string[] | null; errors: readonly RefusalFragment[] }> {
  const { addPasskey: { options, errors } } = await send(AddPasskeyDocument, {});
  if (!options) return { errors };
  const { confirmPasskey } = await send(ConfirmPasskeyDocument, { input: { passkey: await makePasskey(options), secondFactor } });
  return confirmPasskey;
}

/** Makes a passkey, for `confirmPasskey` and `signUpWithPasskey`. */
export async function makePasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<RegistrationResponseJSON> {
  return written<RegistrationResponseJSON>(await navigator.credentials.create({ publicKey: readCreation(options) }));
}

/** Uses a passkey, for `loginWithPasskey`, `answerChallenge`, `reauthenticate` and `confirm`. */
export async function usePasskey(
  options: PublicKeyCredentialRequestOptionsJSON, { mediation, signal }: Pick<CredentialRequestOptions, "mediation" | "signal"> = {},
): Promise<AuthenticationResponseJSON> {
  return written<AuthenticationResponseJSON>(await navigator.credentials.get({ publicKey: readRequest(options), mediation, signal }));
}

// What follows is for browsers without parse…FromJSON and toJSON: Safari before 18.4, Chrome before 129.

type Parses = { parseCreationOptionsFromJSON?: typeof readCreation; parseRequestOptionsFromJSON?: typeof readRequest };

function readCreation(options: PublicKeyCredentialCreationOptionsJSON): PublicKeyCredentialCreationOptions {
  const parse = (PublicKeyCredential as Parses).parseCreationOptionsFromJSON;
  if (parse) return parse.call(PublicKeyCredential, options);
  const { user, challenge, excludeCredentials, ...rest } = options;
  return {
    ...rest, user: { ...user, id: bytes(user.id) }, challenge: bytes(challenge), excludeCredentials: excludeCredentials?.map(descriptor),
  } as PublicKeyCredentialCreationOptions;
}

function readRequest(options: PublicKeyCredentialRequestOptionsJSON): PublicKeyCredentialRequestOptions {
  const parse = (PublicKeyCredential as Parses).parseRequestOptionsFromJSON;
  if (parse) return parse.call(PublicKeyCredential, options);
  const { challenge, allowCredentials, ...rest } = options;
  return { ...rest, challenge: bytes(challenge), allowCredentials: allowCredentials?.map(descriptor) } as PublicKeyCredentialRequestOptions;
}

const descriptor = (known: PublicKeyCredentialDescriptorJSON) => ({ ...known, id: bytes(known.id) });

function written<T extends RegistrationResponseJSON | AuthenticationResponseJSON>(credential: Credential | null): T {
  const made = credential as Omit<PublicKeyCredential, "toJSON"> & { toJSON?: () => unknown };
  if (made.toJSON) return made.toJSON() as T;
  const { id, type, rawId, authenticatorAttachment } = made;
  const answered = made.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const response: Record<string, unknown> = { clientDataJSON: text(answered.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"] as const) {
    if (answered[name]) response[name] = text(answered[name]);
  }
  if (answered.getTransports) response.transports = answered.getTransports();
  return { id, rawId: text(rawId), type, authenticatorAttachment, response, clientExtensionResults: made.getClientExtensionResults() } as unknown as T;
}

const bytes = (base64url: string): ArrayBuffer =>
  Uint8Array.from(atob(base64url.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)).buffer;

const text = (buffer: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
