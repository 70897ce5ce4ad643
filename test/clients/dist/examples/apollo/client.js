"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.createClient = createClient;
const client_1 = require("@apollo/client");
const persisted_queries_1 = require("@apollo/client/link/persisted-queries");
const auth_1 = require("./auth");
function createClient(session, { uri, registered = false, fetch }) {
    return new client_1.ApolloClient({
        cache: new client_1.InMemoryCache(),
        link: client_1.ApolloLink.from([
            (0, auth_1.authLink)(session),
            persisted(registered),
            new client_1.HttpLink({ uri, credentials: "include", fetch }),
        ]),
    });
}
function persisted(registered) {
    if (registered) {
        // Every document goes by the name that code generation gave it.
        const generateHash = (document) => document.__meta__.hash;
        return new persisted_queries_1.PersistedQueryLink({ generateHash, useGETForHashedQueries: true });
    }
    // Queries go by hash, and by GET; the server learns the text of what it does not know. It keeps no mutations.
    return client_1.ApolloLink.split(({ operationType }) => operationType === "query", new persisted_queries_1.PersistedQueryLink({ sha256, useGETForHashedQueries: true }));
}
async function sha256(text) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
