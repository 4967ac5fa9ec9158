//! Organizations: what operators do with them, and what a tenant may do with its own.

use crate::{Ctx, Error, OperatorCtx, Result, provisioning};
use bulkhead_db::{Operator, ReadTx, WriteTx, audit::Record, orgs, sessions, settings, users};
use bulkhead_model::{
    Email, FieldErrors, OrgId, OrgName, Slug,
    audit::{Action, TargetKind},
    error::Conflict,
    org::{Org, OrgFilter, OrgImpact, OrgKind, OrgStatus, OrgSummary, Plan, ProvisioningState},
    page::{Count, Page, PageRequest},
    perm,
    setting::Setting,
    user::UserFilter,
};
use time::Duration;

/// How long a deprovisioned organization can be restored.
pub const RESTORE_WINDOW: Duration = Duration::days(30);

/// A page of organizations and how many match.
#[derive(Debug)]
pub struct OrgList {
    /// The rows.
    pub page: Page<OrgSummary>,
    /// All that match, capped.
    pub count: Count,
    /// The plans to filter by.
    pub plans: Vec<Plan>,
}

/// Everything an operator sees of one organization before opening a tab.
#[derive(Debug)]
pub struct OrgDetail {
    /// The organization.
    pub org: Org,
    /// What suspending it would end.
    pub impact: OrgImpact,
    /// Its provisioning steps.
    pub steps: Vec<ProvisioningState>,
    /// The plans it could be on.
    pub plans: Vec<Plan>,
}

/// Counts for the operator's home page.
#[derive(Debug)]
pub struct Overview {
    /// Organizations by status.
    pub by_status: Vec<(OrgStatus, i64)>,
    /// Those whose provisioning is not finished.
    pub provisioning: Vec<Org>,
}

/// Lists customer organizations.
pub async fn list(ctx: &OperatorCtx, filter: &OrgFilter, page: &PageRequest) -> Result<OrgList> {
    let mut tx = ctx.read::<perm::PlatformOrgsRead>().await?;
    Ok(OrgList {
        page: orgs::list(&mut tx, filter, page).await?,
        count: orgs::count(&mut tx, filter).await?,
        plans: orgs::plans(&mut tx).await?,
    })
}

/// How many customer organizations there are, capped.
pub async fn count(ctx: &OperatorCtx) -> Result<Count> {
    let mut tx = ctx.read::<perm::PlatformOrgsRead>().await?;
    Ok(orgs::count(&mut tx, &OrgFilter::default()).await?)
}

/// Counts by status and what is unfinished.
pub async fn overview(ctx: &OperatorCtx) -> Result<Overview> {
    let mut tx = ctx.read::<perm::PlatformOrgsRead>().await?;
    let by_status = orgs::count_by_status(&mut tx).await?;
    let mut provisioning = Vec::new();
    for id in orgs::provisioning(&mut tx).await? {
        provisioning.extend(orgs::find(&mut tx, id).await?);
    }
    Ok(Overview { by_status, provisioning })
}

/// The plans an organization can be created on.
pub async fn plans(ctx: &OperatorCtx) -> Result<Vec<Plan>> {
    let mut tx = ctx.read::<perm::PlatformOrgsRead>().await?;
    Ok(orgs::plans(&mut tx).await?)
}

/// A customer. The operators' own organization is not one: it is neither on the list nor to be changed here.
async fn existing(tx: &mut ReadTx<Operator>, id: OrgId) -> Result<Org> {
    orgs::find(tx, id).await?.filter(|org| org.kind == OrgKind::Customer).ok_or(Error::NotFound)
}

/// One organization.
pub async fn find(ctx: &OperatorCtx, id: OrgId) -> Result<OrgDetail> {
    let mut tx = ctx.read_within::<perm::PlatformOrgsRead>(id).await?;
    Ok(OrgDetail {
        org: existing(&mut tx, id).await?,
        impact: orgs::impact(&mut tx).await?,
        steps: bulkhead_db::provisioning::states(&mut tx).await?,
        plans: orgs::plans(&mut tx).await?,
    })
}

/// An organization's users, as operators see them.
pub async fn users(
    ctx: &OperatorCtx,
    id: OrgId,
    filter: &UserFilter,
    page: &PageRequest,
) -> Result<crate::users::UserList> {
    let mut tx = ctx.read_within::<perm::PlatformOrgsRead>(id).await?;
    existing(&mut tx, id).await?;
    Ok(crate::users::UserList {
        page: users::list(&mut tx, filter, page).await?,
        count: users::count(&mut tx, filter).await?,
    })
}

/// An organization's settings, as operators see them.
pub async fn settings(ctx: &OperatorCtx, id: OrgId) -> Result<Vec<Setting>> {
    let mut tx = ctx.read_within::<perm::PlatformOrgsRead>(id).await?;
    existing(&mut tx, id).await?;
    Ok(settings::in_force(&mut tx).await?)
}

/// A new organization, as typed.
#[derive(Debug, Clone, Default)]
pub struct NewOrg {
    /// Its display name.
    pub name: String,
    /// Its name in URLs.
    pub slug: String,
    /// Its plan's id.
    pub plan: String,
    /// The address of its first admin.
    pub admin_email: String,
}

/// Creates an organization and starts its provisioning. Answers with its id as soon as the organization and its
/// steps are durable; the steps run at once, and again by themselves if one fails.
pub async fn create(ctx: &OperatorCtx, new: &NewOrg) -> Result<OrgId> {
    let mut tx = ctx.write::<perm::PlatformOrgsManage>().await?;
    let mut errors = FieldErrors::new();
    let name = errors.keep("name", OrgName::parse(&new.name));
    let slug = errors.keep("slug", Slug::parse(&new.slug));
    let email = errors.keep("admin_email", Email::parse(&new.admin_email));
    if slug.as_ref().is_some_and(Slug::is_reserved) {
        errors.add("slug", "This short name is reserved. Choose another.");
    }
    if !orgs::plans(&mut tx).await?.iter().any(|plan| plan.id == new.plan) {
        errors.add("plan", "Choose a plan from the list.");
    }
    let (name, slug, email) = errors.finish(name.zip(slug).zip(email).map(|((n, s), e)| (n, s, e)))?;
    let id: OrgId = ctx.app().new_id();
    match orgs::insert(&mut tx, id, &slug, &name, &new.plan).await {
        Err(bulkhead_db::Error::Conflict(taken @ Conflict::SlugTaken)) => {
            return Err(FieldErrors::one("slug", taken.sentence()).into());
        }
        inserted => inserted?,
    }
    bulkhead_db::provisioning::plan(&mut tx, email.as_str()).await?;
    let record = Record::new(Action::OrgCreated, TargetKind::Org, id, name.as_str())
        .after("slug", &slug)
        .after("plan", &new.plan)
        .after("admin", &email);
    tx.commit(record).await?;
    // The organization exists whatever comes now; its page shows how far the steps are, and the worker goes on.
    if let Err(error) = provisioning::resume(ctx.app(), id).await {
        tracing::warn!(error = &error as &dyn std::error::Error, org = %id, "provisioning stopped");
    }
    Ok(id)
}

/// Changes name and plan.
pub async fn update(ctx: &OperatorCtx, id: OrgId, seen_version: i32, name: &str, plan: &str) -> Result<()> {
    let mut errors = FieldErrors::new();
    let name = errors.keep("name", OrgName::parse(name));
    let mut tx = ctx.write_within::<perm::PlatformOrgsManage>(id).await?;
    let org = existing(&mut tx, id).await?;
    if !orgs::plans(&mut tx).await?.iter().any(|known| known.id == plan) {
        errors.add("plan", "Choose a plan from the list.");
    }
    let name = errors.finish(name)?;
    if org.version != seen_version || !orgs::rename(&mut tx, seen_version, &name).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    if org.plan != plan {
        orgs::set_plan(&mut tx, plan).await?;
    }
    let record = Record::new(Action::OrgUpdated, TargetKind::Org, id, name.as_str())
        .change("name", &org.name, &name)
        .change("plan", &org.plan, plan);
    Ok(tx.commit(record).await?)
}

/// A reason is what the audit log will be asked for; it is required and kept short.
fn reason(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(FieldErrors::one("reason", "Say why. The organization's audit log will show it.").into());
    }
    if text.chars().count() > 500 {
        return Err(FieldErrors::one("reason", "At most 500 characters.").into());
    }
    Ok(text.to_owned())
}

/// Moves the organization from the version that was seen. Whether it still is that version and one of these statuses is
/// asked in the UPDATE; what was read before only chooses the words.
async fn move_to(
    tx: &mut WriteTx<Operator>,
    org: &Org,
    seen_version: i32,
    from: &[OrgStatus],
    to: OrgStatus,
    reason: Option<&str>,
) -> Result<()> {
    let delete_after = (to == OrgStatus::PendingDeletion).then(|| tx.now() + RESTORE_WINDOW);
    if orgs::set_status(tx, Some(seen_version), from, to, reason, delete_after).await? {
        return Ok(());
    }
    let seen_as_it_was = org.version == seen_version;
    Err(Error::Conflict(match seen_as_it_was && !from.contains(&org.status) {
        true => Conflict::WrongStatus,
        false => Conflict::StaleVersion,
    }))
}

/// Suspends: every session of the organization ends at once, nobody signs in, data is kept.
pub async fn suspend(ctx: &OperatorCtx, id: OrgId, seen_version: i32, why: &str) -> Result<u64> {
    let mut tx = ctx.write_within::<perm::PlatformOrgsManage>(id).await?;
    let org = existing(&mut tx, id).await?;
    let why = reason(why)?;
    move_to(&mut tx, &org, seen_version, &[OrgStatus::Active], OrgStatus::Suspended, Some(&why)).await?;
    let ended = sessions::revoke_all_of_org(&mut tx, Action::OrgSuspended.code()).await?;
    let record = Record::new(Action::OrgSuspended, TargetKind::Org, id, &org.name)
        .change("status", org.status, OrgStatus::Suspended)
        .after("sessions_ended", ended)
        .reason(why);
    tx.commit(record).await?;
    Ok(ended)
}

/// Reactivates. Sessions that were ended stay ended.
pub async fn reactivate(ctx: &OperatorCtx, id: OrgId, seen_version: i32) -> Result<()> {
    let mut tx = ctx.write_within::<perm::PlatformOrgsManage>(id).await?;
    let org = existing(&mut tx, id).await?;
    move_to(&mut tx, &org, seen_version, &[OrgStatus::Suspended], OrgStatus::Active, None).await?;
    let record = Record::new(Action::OrgReactivated, TargetKind::Org, id, &org.name).change(
        "status",
        org.status,
        OrgStatus::Active,
    );
    Ok(tx.commit(record).await?)
}

/// Schedules deletion. The name must be typed as it stands; it can be restored for [`RESTORE_WINDOW`], after
/// which [`crate::retention::purge`] deletes everything of it.
pub async fn deprovision(ctx: &OperatorCtx, id: OrgId, seen_version: i32, typed_name: &str, why: &str) -> Result<()> {
    let mut tx = ctx.write_within::<perm::PlatformOrgsManage>(id).await?;
    let org = existing(&mut tx, id).await?;
    let mut errors = FieldErrors::new();
    if typed_name.trim() != org.name {
        errors.add("confirm_name", format!("Type the name exactly as it stands: {}", org.name));
    }
    let why = match reason(why) {
        Ok(why) => Some(why),
        Err(Error::Invalid(refused)) => {
            refused.iter().for_each(|error| errors.add(error.field.clone(), &error.message));
            None
        }
        Err(other) => return Err(other),
    };
    let why = errors.finish(why)?;
    let from = [OrgStatus::Active, OrgStatus::Suspended, OrgStatus::Provisioning];
    move_to(&mut tx, &org, seen_version, &from, OrgStatus::PendingDeletion, Some(&why)).await?;
    let ended = sessions::revoke_all_of_org(&mut tx, Action::OrgDeprovisioned.code()).await?;
    let record = Record::new(Action::OrgDeprovisioned, TargetKind::Org, id, &org.name)
        .change("status", org.status, OrgStatus::PendingDeletion)
        .after("sessions_ended", ended)
        .reason(why);
    Ok(tx.commit(record).await?)
}

/// Takes a scheduled deletion back. The organization comes back suspended or, if it was never finished, provisioning:
/// whoever restores decides separately to let people in again.
pub async fn restore(ctx: &OperatorCtx, id: OrgId, seen_version: i32) -> Result<()> {
    let mut tx = ctx.write_within::<perm::PlatformOrgsManage>(id).await?;
    let org = existing(&mut tx, id).await?;
    let unfinished = bulkhead_db::provisioning::states(&mut tx)
        .await?
        .iter()
        .any(|state| state.status != bulkhead_model::org::StepStatus::Done);
    let to = if unfinished { OrgStatus::Provisioning } else { OrgStatus::Suspended };
    move_to(&mut tx, &org, seen_version, &[OrgStatus::PendingDeletion], to, Some("Restored from pending deletion"))
        .await?;
    let record = Record::new(Action::OrgRestored, TargetKind::Org, id, &org.name).change("status", org.status, to);
    Ok(tx.commit(record).await?)
}

/// Tries the unfinished provisioning steps again, now.
pub async fn resume_provisioning(ctx: &OperatorCtx, id: OrgId) -> Result<()> {
    // The permission is asked for here; the steps themselves run as the system task.
    drop(ctx.write_within::<perm::PlatformOrgsManage>(id).await?);
    provisioning::resume(ctx.app(), id).await
}

/// The organization of the signed-in user.
pub async fn current(ctx: &Ctx) -> Result<Org> {
    let mut tx = ctx.read::<perm::OrgRead>().await?;
    orgs::current(&mut tx).await?.ok_or(Error::NotFound)
}

/// Renames the organization of the signed-in user.
pub async fn rename_current(ctx: &Ctx, seen_version: i32, name: &str) -> Result<()> {
    let mut tx = ctx.write::<perm::OrgUpdate>().await?;
    let name = OrgName::parse(name).map_err(|error| FieldErrors::one("name", error))?;
    let org = orgs::current(&mut tx).await?.ok_or(Error::NotFound)?;
    if !orgs::rename(&mut tx, seen_version, &name).await? {
        return Err(Error::Conflict(Conflict::StaleVersion));
    }
    let record =
        Record::new(Action::OrgUpdated, TargetKind::Org, org.id, name.as_str()).change("name", &org.name, &name);
    Ok(tx.commit(record).await?)
}
