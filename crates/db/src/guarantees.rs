//! What must not compile. Each refusal stands below the same lines with the one thing that makes them right, because a
//! stable compiler does not compare the error code in the brackets: without its twin, a misspelt name would pass as proof.
//!
//! Doctests instead of `trybuild`, which checks a copy of the crate in a target directory of its own and so compiles
//! every dependency a second time, and whose snapshots differ between the compilers used here.

/// A transaction is opened with a scope.
///
/// ```no_run
/// # use bulkhead_db::{Database, Origin, OrgScope, WriteTx};
/// async fn begin(database: &Database, scope: OrgScope) -> bulkhead_db::Result<WriteTx> {
///     database.write(scope, Origin::default()).await
/// }
/// ```
/// An organization's id is none:
/// ```compile_fail,E0308
/// # use bulkhead_db::{Database, Origin, OrgScope, WriteTx};
/// async fn begin(database: &Database, scope: bulkhead_model::OrgId) -> bulkhead_db::Result<WriteTx> {
///     database.write(scope, Origin::default()).await
/// }
/// ```
/// Nor can the pool be asked instead:
/// ```compile_fail,E0616
/// # use bulkhead_db::{Database, Origin, OrgScope, WriteTx};
/// async fn begin(database: &Database, scope: OrgScope) -> bulkhead_db::Result<WriteTx> {
///     database.app.acquire().await;
///     database.write(scope, Origin::default()).await
/// }
/// ```
struct TransactionsNeedAScope;

/// A scope is read anywhere, and minted in `db` only.
///
/// ```no_run
/// # use bulkhead_db::OrgScope;
/// # use bulkhead_model::OrgId;
/// fn organization(scope: &OrgScope) -> OrgId {
///     scope.org()
/// }
/// ```
/// ```compile_fail,E0451
/// # use bulkhead_db::OrgScope;
/// # use bulkhead_model::OrgId;
/// fn elsewhere(scope: &OrgScope, org: OrgId) -> OrgScope {
///     OrgScope { org, ..scope.clone() }
/// }
/// ```
/// ```compile_fail,E0616
/// # use bulkhead_db::OrgScope;
/// # use bulkhead_model::OrgId;
/// fn elsewhere(scope: &mut OrgScope, org: OrgId) {
///     scope.org = org;
/// }
/// ```
/// ```compile_fail,E0308
/// # use bulkhead_db::OrgScope;
/// # use bulkhead_model::OrgId;
/// fn from_nothing(org: OrgId) -> OrgScope {
///     OrgScope::from(org)
/// }
/// ```
struct ScopesAreMintedHere;

/// Only operators and system tasks name the organization that a transaction is about.
///
/// ```no_run
/// # use bulkhead_db::{Operator, ReadTx};
/// # use bulkhead_model::OrgId;
/// async fn look(tx: &mut ReadTx<Operator>, org: OrgId) -> bulkhead_db::Result<()> {
///     tx.within(org).await
/// }
/// ```
/// ```compile_fail,E0599
/// # use bulkhead_db::{Operator, ReadTx, Tenant};
/// # use bulkhead_model::OrgId;
/// async fn look(tx: &mut ReadTx<Tenant>, org: OrgId) -> bulkhead_db::Result<()> {
///     tx.within(org).await
/// }
/// ```
struct TenantsStayWhereTheyAre;

/// A change commits with its audit record.
///
/// ```no_run
/// # use bulkhead_db::{WriteTx, audit::Record};
/// async fn end(tx: WriteTx, record: Record) -> bulkhead_db::Result<()> {
///     tx.commit(record).await
/// }
/// ```
/// ```compile_fail,E0061
/// # use bulkhead_db::{WriteTx, audit::Record};
/// async fn end(tx: WriteTx, record: Record) -> bulkhead_db::Result<()> {
///     tx.commit().await
/// }
/// ```
/// Not by the way that both kinds of commit end in:
/// ```compile_fail,E0624
/// # use bulkhead_db::{WriteTx, audit::Record};
/// async fn end(tx: WriteTx, record: Record) -> bulkhead_db::Result<()> {
///     tx.end().await
/// }
/// ```
/// Nor without a reason that is on the list:
/// ```compile_fail,E0061
/// # use bulkhead_db::{WriteTx, audit::Record};
/// async fn end(tx: WriteTx, record: Record) -> bulkhead_db::Result<()> {
///     tx.commit_unaudited().await
/// }
/// ```
/// What was opened to read does not commit at all:
/// ```compile_fail,E0599
/// # use bulkhead_db::{ReadTx, audit::Record};
/// async fn end(tx: ReadTx, record: Record) -> bulkhead_db::Result<()> {
///     tx.commit(record).await
/// }
/// ```
struct ChangesNeedARecord;

/// Writing functions take a transaction that ends in a commit with a record, not one that was opened to read.
///
/// ```no_run
/// # use bulkhead_db::{WriteTx, orgs};
/// # use bulkhead_model::OrgName;
/// async fn rename(tx: &mut WriteTx, name: &OrgName) -> bulkhead_db::Result<bool> {
///     orgs::rename(tx, 1, name).await
/// }
/// ```
/// ```compile_fail,E0308
/// # use bulkhead_db::{ReadTx, orgs};
/// # use bulkhead_model::OrgName;
/// async fn rename(tx: &mut ReadTx, name: &OrgName) -> bulkhead_db::Result<bool> {
///     orgs::rename(tx, 1, name).await
/// }
/// ```
struct WritingNeedsAWriteTx;

/// Who acts for nobody says as which task.
///
/// ```no_run
/// # use bulkhead_db::{Database, SystemTask, SystemTx};
/// async fn begin(database: &Database) -> bulkhead_db::Result<SystemTx> {
///     database.system(SystemTask::Provisioning).await
/// }
/// ```
/// ```compile_fail,E0061
/// # use bulkhead_db::{Database, SystemTask, SystemTx};
/// async fn begin(database: &Database) -> bulkhead_db::Result<SystemTx> {
///     database.system().await
/// }
/// ```
struct SystemTasksHaveNames;
