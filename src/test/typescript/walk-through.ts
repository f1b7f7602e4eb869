import assert from "node:assert/strict";
import {
  AuthoritiesApi,
  CertificatesApi,
  JobsApi,
  RolloutsApi,
  ServersApi,
  SSLApi,
} from "./client/apis/index.js";
import type { RolloutBody } from "./client/models/index.js";
import { ended, events } from "./jobs.js";
import { all } from "./pages.js";
import { problemOf } from "./problem.js";
import { session } from "./session.js";

function given(name: string): string {
  const value = process.env[name];
  assert(value !== undefined, `${name} is not set`);
  return value;
}

const url = given("PGSEAL_URL");
const token = given("PGSEAL_TOKEN");
const server = given("SERVER_NAME");
const authority = `${server}-ca`;
const configuration = session(url, token);

const servers = new ServersApi(configuration);
await servers.registerServer({
  serverRegistration: {
    name: server,
    host: given("SERVER_HOST"),
    port: Number(given("SERVER_PORT")),
    username: given("SERVER_USER"),
    password: given("SERVER_PASSWORD"),
    endpoints: ["localhost", "127.0.0.1"],
  },
});
const names: string[] = [];
for await (const known of all(
  (pageToken) => servers.listServers({ pageSize: 1, pageToken }),
  (page) => page.servers,
)) {
  names.push(known.name);
}
assert(names.includes(server));

const ssl = new SSLApi(configuration);
assert.equal((await ssl.getSsl({ server })).mode, "OFF");

await new AuthoritiesApi(configuration).createAuthority({ authorityRequest: { name: authority } });
const rollouts = new RolloutsApi(configuration);
const wanted: RolloutBody = { target: "ENFORCED", servers: [server], authority, grace: "PT2S" };
const plan = await rollouts.planRollout({ rolloutBody: wanted });
assert(plan.servers[0]?.rules?.diff.includes("+hostssl"));

const job = await rollouts.createRollout({ rolloutBody: wanted });
const seen: string[] = [];
for await (const event of events(url, token, job.id)) {
  seen.push(event.type);
}
assert(seen.includes("step"));
assert.equal((await ended(new JobsApi(configuration), job.id)).state, "SUCCEEDED");
assert.equal((await ssl.getSsl({ server })).mode, "ENFORCED");

const certificates = await new CertificatesApi(configuration).listCertificates({ server });
assert.equal(certificates.certificates[0]?.authority, authority);

try {
  await ssl.getSsl({ server: "no-such-server" });
  assert.fail("There is a server that was never registered");
} catch (error) {
  const problem = await problemOf(error);
  assert.equal(problem.type, "/problems/not-found");
}
console.log(`${server} is ${(await ssl.getSsl({ server })).mode}`);
