"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.authLink = authLink;
const client_1 = require("@apollo/client");
const context_1 = require("@apollo/client/link/context");
const error_1 = require("@apollo/client/link/error");
const rxjs_1 = require("rxjs");
const graphql_1 = require("../gql/graphql");
/**
 * authLink sends the access token with every operation. Where the server refuses it, the link refreshes, once however
 * many operations wait for that, and repeats each of them once. It comes before every other link.
 */
function authLink(session) {
    let restored;
    let refreshing;
    // A fault, a limit or a broken line rejects: the operation fails, but the session stays.
    async function trade(client) {
        const { data } = await client.mutate({
            mutation: graphql_1.RefreshDocument,
            variables: { input: { refreshToken: session.refreshToken } },
            fetchPolicy: "no-cache", // tokens do not belong there
            context: { bare: true },
        });
        if (data?.refresh.auth)
            session.begin(data.refresh.auth);
        else
            session.end();
    }
    const refresh = (client) => (refreshing ??= trade(client).finally(() => (refreshing = undefined)));
    // A page that was just loaded asks whether its cookie, or what is in the store, still holds a session.
    const restore = (client) => (restored ??= refresh(client).catch((error) => {
        restored = undefined;
        throw error;
    }));
    const repeat = new error_1.ErrorLink(({ error, operation, forward }) => {
        const { bearer } = operation.getContext();
        if (!bearer || !isRefused(error))
            return;
        // Another operation may have brought a new token, or ended the session, since this one was sent.
        const renewed = bearer === session.accessToken ? refresh(operation.client) : Promise.resolve();
        return (0, rxjs_1.from)(renewed).pipe((0, rxjs_1.switchMap)(() => forward(operation)));
    });
    const bear = new context_1.SetContextLink(async ({ bare, headers }, { client }) => {
        if (bare)
            return {};
        if (session.accessToken === null && session.mayBeRestored)
            await restore(client);
        await refreshing;
        const bearer = session.accessToken;
        const { Authorization: _, ...others } = headers ?? {}; // of the first try
        return { bearer, headers: bearer ? { ...others, Authorization: `Bearer ${bearer}` } : others };
    });
    return client_1.ApolloLink.from([repeat, bear]);
}
const isRefused = (error) => client_1.CombinedGraphQLErrors.is(error) && error.errors.some((e) => e.extensions?.code === "UNAUTHENTICATED");
