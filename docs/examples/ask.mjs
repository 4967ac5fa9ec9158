// A small service that asks Bulkhead before it acts: deleting a backup. Needs Node 20 or later and nothing else.
//
//   script/server                     in one shell: the console with its demo, on http://127.0.0.1:3000
//   node docs/examples/ask.mjs        in another
//
// BULKHEAD_URL, BULKHEAD_ORG, BULKHEAD_EMAIL and BULKHEAD_PASSWORD say where and as whom; without them, the demo's admin.

const base = process.env.BULKHEAD_URL ?? "http://127.0.0.1:3000";
const organization = process.env.BULKHEAD_ORG ?? "acme";
const email = process.env.BULKHEAD_EMAIL ?? "admin@acme.example";
const password = process.env.BULKHEAD_PASSWORD ?? "lantern-otter-quay-thistle";

/** Signs in and keeps the session's cookie. */
async function signIn() {
  const answer = await fetch(`${base}/login/${organization}`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: base, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ email, password }),
  });
  const cookies = answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]);
  if (answer.status !== 303 || cookies.length === 0) throw new Error(`Signing in answered ${answer.status}.`);
  return cookies.join("; ");
}

/** Sends JSON and reads JSON. What is not answered with 2xx is thrown: whoever cannot ask must not act. */
async function send(cookie, path, body) {
  const answer = await fetch(base + path, {
    method: body ? "POST" : "GET",
    headers: { origin: base, cookie, "content-type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  const json = await answer.json();
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${json.detail} ${JSON.stringify(json.errors ?? "")}`);
  return json;
}

/** Deletes a backup if its user may, and says what they are told if not. */
async function deleteBackup(cookie, user, backup, clientAddress) {
  const { decision, context } = await send(cookie, "/api/v1/decisions", {
    subject: { type: "user", id: user.id },
    action: { name: "delete" },
    resource: { type: "backups", id: backup.id, properties: { environment: backup.environment } },
    context: { ip_address: clientAddress },
  });
  // The sentence names no role and no condition, so it may be shown; the decision is recorded under the id.
  return decision ? `${user.email} deletes ${backup.id}` : `${user.email} may not: ${context.sentence} (${context.reason}, ${context.id})`;
}

const cookie = await signIn();
const backup = { id: "b-17", environment: "staging" };
for (const address of ["admin@acme.example", "viewer@acme.example"]) {
  const { data } = await send(cookie, `/api/v1/users?q=${encodeURIComponent(address)}`);
  console.log(await deleteBackup(cookie, data[0], backup, "192.0.2.17"));
}

// A page with many buttons asks once: everything that one person may do to one thing.
const { data } = await send(cookie, "/api/v1/users?q=manager@acme.example");
const { results } = await send(cookie, "/api/v1/decisions/search/actions", {
  subject: { type: "user", id: data[0].id },
  resource: { type: "workflows", id: "nightly", properties: { environment: "production" } },
});
console.log(`${data[0].email} may ${results.map((action) => action.name).join(", ")} workflows`);
