//! Making an organization, step by step. Each step is its own transaction, idempotent, and can be tried again:
//! by the worker after a failure or a restart, by an operator with a button.

use crate::{App, Error, Result, users::NewInvitation};
use bulkhead_db::{SystemTask, SystemTx, audit::Record, orgs, provisioning, users};
use bulkhead_model::{
    Email, OrgId, UserName,
    audit::{Action, Outcome, TargetKind},
    org::{Org, OrgStatus, ProvisioningStep, StepStatus},
    setting::SettingKey,
    user::Role,
};
use time::Duration;

/// Why a step could not finish: a sentence for the operator.
struct StepFailed(String);

/// Runs the steps that are still to do, in order, and stops at the first that fails.
pub async fn resume(app: &App, id: OrgId) -> Result<()> {
    for &step in ProvisioningStep::ALL {
        let mut tx = app.database().system(SystemTask::Provisioning).await?;
        tx.within(id).await?;
        let Some(org) = orgs::find(&mut tx, id).await? else { return Err(Error::NotFound) };
        if !matches!(org.status, OrgStatus::Provisioning | OrgStatus::Active) {
            return Ok(());
        }
        if !provisioning::take(&mut tx, step).await? {
            continue;
        }
        match run(app, &mut tx, &org, step).await? {
            Ok(detail) => {
                provisioning::record(&mut tx, step, StepStatus::Done, &detail).await?;
                tx.commit(event(&org, Action::OrgStepFinished, step).reason(detail)).await?;
            }
            Err(StepFailed(why)) => {
                provisioning::record(&mut tx, step, StepStatus::Failed, &why).await?;
                tx.commit(event(&org, Action::OrgStepFailed, step).outcome(Outcome::Failure).reason(why)).await?;
                return Ok(());
            }
        }
    }
    app.wake_mail();
    Ok(())
}

fn event(org: &Org, action: Action, step: ProvisioningStep) -> Record {
    Record::new(action, TargetKind::Org, org.id, &org.name).after("step", step)
}

/// One step. An error of the database leaves the step as it was; a refusal is recorded with its reason.
async fn run(app: &App, tx: &mut SystemTx, org: &Org, step: ProvisioningStep) -> Result<Result<String, StepFailed>> {
    match step {
        ProvisioningStep::Settings => {
            let users = crate::settings::integer(tx, SettingKey::UsersMax).await?;
            Ok(Ok(format!("The plan {} allows {users} users.", org.plan)))
        }
        ProvisioningStep::FirstAdmin => first_admin(app, tx).await,
        ProvisioningStep::Isolation => isolation(app, org.id).await,
        ProvisioningStep::Activation => {
            orgs::set_status(tx, None, &[OrgStatus::Provisioning], OrgStatus::Active, None, None).await?;
            Ok(Ok("People can sign in.".to_owned()))
        }
        ProvisioningStep::Invitation => invitation(app, tx, org).await,
    }
}

async fn admin_email(tx: &mut SystemTx) -> Result<Option<Email>> {
    Ok(provisioning::admin_email(tx).await?.and_then(|text| Email::parse(&text).ok()))
}

async fn first_admin(app: &App, tx: &mut SystemTx) -> Result<Result<String, StepFailed>> {
    let Some(email) = admin_email(tx).await? else {
        return Ok(Err(StepFailed("No address is recorded for the first admin.".to_owned())));
    };
    if users::find_by_email(tx, &email).await?.is_none() {
        users::insert_invited(tx, app.new_id(), &email, &UserName::default(), Role::Admin).await?;
    }
    Ok(Ok(format!("{email} is the first admin.")))
}

/// As `bulkhead_app` on another connection, so it sees what is committed: the earlier steps.
async fn isolation(app: &App, org: OrgId) -> Result<Result<String, StepFailed>> {
    let probe = app.database().probe(org).await?;
    if probe.passed() {
        return Ok(Ok(format!(
            "The tenant role sees {} rows from inside, 0 from another organization and 0 without a context.",
            probe.from_inside
        )));
    }
    Ok(Err(StepFailed(format!(
        "The tenant role sees {} rows from inside, {} from another organization, {} without a context. Expected: some, 0, 0.",
        probe.from_inside, probe.from_outside, probe.without_context
    ))))
}

async fn invitation(app: &App, tx: &mut SystemTx, org: &Org) -> Result<Result<String, StepFailed>> {
    let Some(email) = admin_email(tx).await? else {
        return Ok(Err(StepFailed("No address is recorded for the first admin.".to_owned())));
    };
    let Some(user) = users::find_by_email(tx, &email).await? else {
        return Ok(Err(StepFailed(format!("{email} is not a user any more."))));
    };
    let days = crate::settings::integer(tx, SettingKey::InvitationDays).await?;
    let invitation = NewInvitation {
        user: user.id,
        email: &user.email,
        org_name: &org.name,
        inviter: "The platform's operators",
        valid: Duration::days(days),
    };
    crate::users::put_invitation(app, tx, &invitation, None).await?;
    Ok(Ok(format!("An invitation for {email} is on its way; it works for {days} days.")))
}

/// Organizations with steps left that the worker should try.
pub(crate) async fn due(app: &App) -> Result<Vec<OrgId>> {
    let mut tx = app.database().system(SystemTask::Provisioning).await?;
    Ok(provisioning::due(&mut tx).await?)
}
