import { addTypenameSelectionDocumentTransform } from "@graphql-codegen/client-preset";
import type { CodegenConfig } from "@graphql-codegen/cli";

export default {
  // Or "schema.graphqls", what `authgraph schema` printed: that makes the same code without a server.
  schema: "http://localhost:8080/graphql",
  documents: "src/operations.graphql",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: {
        fragmentMasking: false,
        // Writes src/gql/persisted-documents.json: the file for AUTHGRAPH_TRUSTED_DOCUMENTS.
        persistedDocuments: true,
      },
      // Apollo's cache needs __typename, and registered documents are sent as they are registered.
      documentTransforms: [addTypenameSelectionDocumentTransform],
      config: {
        scalars: {
          DateTime: "string",
          // Types of the DOM in TypeScript 7; before, write "any" for the last two.
          PublicKeyCredentialCreationOptionsJSON: "PublicKeyCredentialCreationOptionsJSON",
          PublicKeyCredentialRequestOptionsJSON: "PublicKeyCredentialRequestOptionsJSON",
          RegistrationResponseJSON: "RegistrationResponseJSON",
          AuthenticationResponseJSON: "AuthenticationResponseJSON",
        },
        strictScalars: true,
        useTypeImports: true,
        // Enums may grow: the compiler asks for a default branch.
        futureProofEnums: true,
      },
    },
  },
} satisfies CodegenConfig;
