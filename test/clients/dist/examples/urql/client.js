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
        exchanges: [core_1.cacheExchange, (0, auth_1.auth)(session), registered ? byRegistration : byHash, core_1.fetchExchange],
    });
}
// Every document goes by the name that code generation gave it.
const byRegistration = (0, exchange_persisted_1.persistedExchange)({
    generateHash: async (_, document) => document.__meta__.hash,
    preferGetForPersistedQueries: true,
    enforcePersistedQueries: true,
    enableForMutation: true,
});
// Queries go by hash, and by GET; the server learns the text of what it does not know. Mutations it never keeps.
const byHash = (0, exchange_persisted_1.persistedExchange)({ preferGetForPersistedQueries: true });
