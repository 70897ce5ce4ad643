"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const client_preset_1 = require("@graphql-codegen/client-preset");
exports.default = {
    schema: process.env.SCHEMA ?? "http://localhost:8080/graphql",
    documents: "operations.graphql",
    generates: {
        "gql/": {
            preset: "client",
            presetConfig: {
                fragmentMasking: false,
                // Writes gql/persisted-documents.json: the file for AUTHGRAPH_TRUSTED_DOCUMENTS.
                persistedDocuments: true,
            },
            // Apollo's cache needs __typename, and registered documents are sent as they are registered.
            documentTransforms: [client_preset_1.addTypenameSelectionDocumentTransform],
            config: {
                scalars: { DateTime: "string" },
                strictScalars: true,
                useTypeImports: true,
                // Enums may grow: the compiler asks for a default branch.
                futureProofEnums: true,
            },
        },
    },
};
