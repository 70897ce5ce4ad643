"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || (function () {
    var ownKeys = function(o) {
        ownKeys = Object.getOwnPropertyNames || function (o) {
            var ar = [];
            for (var k in o) if (Object.prototype.hasOwnProperty.call(o, k)) ar[ar.length] = k;
            return ar;
        };
        return ownKeys(o);
    };
    return function (mod) {
        if (mod && mod.__esModule) return mod;
        var result = {};
        if (mod != null) for (var k = ownKeys(mod), i = 0; i < k.length; i++) if (k[i] !== "default") __createBinding(result, mod, k[i]);
        __setModuleDefault(result, mod);
        return result;
    };
})();
Object.defineProperty(exports, "__esModule", { value: true });
exports.graphql = graphql;
/* eslint-disable */
const types = __importStar(require("./graphql"));
const documents = {
    "fragment Login on AuthSession {\n  accessToken\n  refreshToken\n  user {\n    id\n    email\n    username\n  }\n}\n\nfragment Refusal on AuthError {\n  code\n  message\n  field\n}\n\nmutation SignUp($input: SignUpInput!) {\n  signUp(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Login($input: LoginInput!) {\n  login(input: $input) {\n    status\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Refresh($input: RefreshInput) {\n  refresh(input: $input) {\n    auth {\n      ...Login\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nmutation Logout($input: LogoutInput) {\n  logout(input: $input) {\n    sessions {\n      id\n    }\n    errors {\n      ...Refusal\n    }\n  }\n}\n\nquery Me {\n  me {\n    id\n    email\n    username\n    sessions {\n      id\n      current\n      deviceName\n      lastUsedAt\n    }\n  }\n}": types.LoginFragmentDoc,
};
function graphql(source) {
    return documents[source] ?? {};
}
