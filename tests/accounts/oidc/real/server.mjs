// A real OpenID Connect provider for the tests: one client, anybody signs in, its own pages for signing in and consent.
import { Provider } from "oidc-provider";

const { issuer, port, clients } = JSON.parse(process.argv[2]);
const provider = new Provider(issuer, {
  clients,
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "given_name", "family_name"] },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: true, given_name: "Real", family_name: "Person" }),
  }),
  features: { devInteractions: { enabled: true } },
  cookies: { keys: ["keys-of-tests-alone"] },
});
// gone with the tests, however they end
process.stdin.on("end", () => process.exit()).resume();
provider.listen(port, "127.0.0.1", () => console.log("ready"));
