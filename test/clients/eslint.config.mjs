// Lints the schema and the example's documents, with every rule of the plugin but those that do not fit this contract.
// Paths are seen from the root of the repository: npm run lint.
import plugin from "@graphql-eslint/eslint-plugin";

const graphql = {
  plugins: { "@graphql-eslint": plugin },
  languageOptions: {
    parser: plugin.parser,
    parserOptions: {
      graphQLConfig: { schema: ["schema.graphqls", "graph/*.graphqls"], documents: "examples/react/src/*.graphql" },
    },
  },
};

const rule = (settings) => Object.fromEntries(Object.entries(settings).map(([name, value]) => [`@graphql-eslint/${name}`, value]));

const schema = {
  ...plugin.configs["flat/schema-all"].rules,
  ...plugin.configs["flat/schema-relay"].rules,
  ...rule({
    // Stricter than the plugin's: nothing is without a description. The rule cannot tell the argument `input`, which the
    // description of its type explains, from fields of inputs; contract.test.ts looks at those.
    "require-description": ["error", {
      types: true, DirectiveDefinition: true, rootField: true, FieldDefinition: true, EnumValueDefinition: true,
    }],
    // Every mutation takes `input`, of a type named after it; contract.test.ts looks at the payloads.
    "input-name": ["error", { checkInputType: true, caseSensitiveInputType: false, checkQueries: false }],
    // A payload is an outcome, AuthSession, AuthError and the like are parts of one: no client asks for them again by id.
    "strict-id-in-types": ["error", { exceptions: { types: ["AuthSession", "AuthError", "Captcha", "Challenge", "LinkOffer", "ProviderTokens"], suffixes: ["Payload"] } }],
    // There are no subscriptions; mutations are what this server is for.
    "no-root-type": ["error", { disallow: ["subscription"] }],

    // The file is read from top to bottom; its order is the order of the story.
    "alphabetize": "off",
    // A description of one line stands in quotes, a longer one is a block.
    "description-style": "off",
    // `username` is a word, not `name` with a prefix. The rule has no exceptions.
    "no-typename-prefix": "off",
    // The date stands in the reason, since @deprecated takes no other argument; contract.test.ts looks for it.
    "require-deprecation-date": "off",
    // A mutation answers with what it changed; there is no tree below Query to fetch along.
    "require-field-of-type-query-in-mutation-result": "off",
    // What the person at the form can fix is data in the payload, which therefore is always there.
    "require-nullable-result-in-root": "off",
    // The lists are short and bounded: an account's sessions, its 50 API tokens, a form's errors.
    "relay-edge-types": "off",
    "relay-page-info": "off",
  }),
};

const operations = {
  ...plugin.configs["flat/operations-all"].rules,
  ...rule({
    // One small file that can be copied.
    "lone-executable-definition": "off",
    "match-document-filename": "off",
    "alphabetize": "off",
  }),
};

export default [
  { ...graphql, files: ["**/*.graphqls"], rules: schema },
  { ...graphql, files: ["**/*.graphql"], rules: operations },
];
