"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.createClient = createClient;
const core_1 = require("@urql/core");
const exchange_persisted_1 = require("@urql/exchange-persisted");
const auth_1 = require("./auth");
function createClient(session, { url, registered = false, fetch }) {
    return new core_1.Client({
        url,
        fetch,
        fetchOptions: { credentials: "include" },
        exchanges: [core_1.cacheExchange, (0, auth_1.auth)(session), persisted(registered), core_1.fetchExchange],
    });
}
function persisted(registered) {
    // Queries go by hash, and by GET; the server learns the text of what it does not know. It keeps no mutations.
    if (!registered)
        return (0, exchange_persisted_1.persistedExchange)({ preferGetForPersistedQueries: true });
    return (0, exchange_persisted_1.persistedExchange)({
        // Every document goes by the name that code generation gave it.
        generateHash: async (_, document) => document.__meta__.hash,
        preferGetForPersistedQueries: true,
        enforcePersistedQueries: true,
        enableForMutation: true,
    });
}
