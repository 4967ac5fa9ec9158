/** The demo's accounts (crates/domain/src/seed.rs). Tests read with them; what they change, they change elsewhere. */

/** Someone who can sign in. */
export interface Person {
  /** The organization's short name. */
  org: string;
  email: string;
  password: string;
}

const demo = (org: string, role: string): Person => ({
  org,
  email: `${role}@${org}.example`,
  password: "lantern-otter-quay-thistle",
});

export const operator = demo("platform", "admin");
export const operatorViewer = demo("platform", "viewer");
export const acmeAdmin = demo("acme", "admin");
export const acmeManager = demo("acme", "manager");
export const acmeUser = demo("acme", "user");
export const acmeViewer = demo("acme", "viewer");
export const globexAdmin = demo("globex", "admin");
/** Of a suspended organization. */
export const initechAdmin = demo("initech", "admin");

/** Long enough for the policy and on no list of common ones. */
export const goodPassword = "copper-kettle-marsh-violin";
export const otherPassword = "walnut-harbour-sixpence-dune";

let counter = 0;

/** A short name that no other test, project or run of this server uses. */
export function unique(prefix: string): string {
  counter += 1;
  const run = (Date.now() % 2_000_000_000).toString(36);
  return `${prefix}-${run}${process.env.TEST_PARALLEL_INDEX ?? "0"}${counter.toString(36)}`;
}
