//! What must not compile; see the module of the same name in `bulkhead-db` for why each refusal has a twin that does.

/// A use case names the permission that it needs.
///
/// ```no_run
/// # use bulkhead_domain::{Ctx, Result};
/// # use bulkhead_model::perm;
/// async fn rename(ctx: &Ctx) -> Result<()> {
///     drop(ctx.write::<perm::OrgUpdate>().await?);
///     Ok(())
/// }
/// ```
/// ```compile_fail,E0284
/// # use bulkhead_domain::{Ctx, Result};
/// # use bulkhead_model::perm;
/// async fn rename(ctx: &Ctx) -> Result<()> {
///     drop(ctx.write().await?);
///     Ok(())
/// }
/// ```
/// For reading too:
/// ```compile_fail,E0284
/// # use bulkhead_domain::{Ctx, Result};
/// # use bulkhead_model::perm;
/// async fn rename(ctx: &Ctx) -> Result<()> {
///     drop(ctx.read().await?);
///     Ok(())
/// }
/// ```
/// A type that stands for no permission is not one:
/// ```compile_fail,E0277
/// # use bulkhead_domain::{Ctx, Result};
/// # use bulkhead_model::perm;
/// async fn rename(ctx: &Ctx) -> Result<()> {
///     drop(ctx.write::<perm::Anywhere>().await?);
///     Ok(())
/// }
/// ```
/// Nor is there a way around, to the database itself:
/// ```compile_fail,E0624
/// # use bulkhead_domain::{Ctx, Result};
/// # use bulkhead_model::perm;
/// async fn rename(ctx: &Ctx) -> Result<()> {
///     ctx.app().database();
///     Ok(())
/// }
/// ```
struct UseCasesNameAPermission;

/// What only operators hold is asked for on an operator's context.
///
/// ```no_run
/// # use bulkhead_domain::{Ctx, OperatorCtx, Result};
/// # use bulkhead_model::perm;
/// async fn list(ctx: &OperatorCtx) -> Result<()> {
///     drop(ctx.read::<perm::PlatformOrgsRead>().await?);
///     Ok(())
/// }
/// ```
/// ```compile_fail,E0277
/// # use bulkhead_domain::{Ctx, OperatorCtx, Result};
/// # use bulkhead_model::perm;
/// async fn list(ctx: &Ctx) -> Result<()> {
///     drop(ctx.read::<perm::PlatformOrgsRead>().await?);
///     Ok(())
/// }
/// ```
/// ```compile_fail,E0277
/// # use bulkhead_domain::{Ctx, OperatorCtx, Result};
/// # use bulkhead_model::perm;
/// async fn list(ctx: &Ctx) -> Result<()> {
///     drop(ctx.write::<perm::PlatformOrgsManage>().await?);
///     Ok(())
/// }
/// ```
/// Nor does a use case of the operators take a tenant's context:
/// ```compile_fail,E0308
/// # use bulkhead_domain::{Ctx, OperatorCtx, Result};
/// async fn list(ctx: &Ctx) -> Result<()> {
///     bulkhead_domain::orgs::overview(ctx).await.map(drop)
/// }
/// ```
struct PlatformPermissionsNeedAnOperator;
