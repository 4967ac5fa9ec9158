//! The closed sets of words, as schemas. The words themselves live in the model; these types only name them in the
//! document, so that a new word appears there by itself.

use bulkhead_authz::{decision, truth};
use bulkhead_domain::access as domain;
use bulkhead_model::{access, attempt, audit, duty, isolation, org, session, setting, user, workspace};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, Type},
};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident = $words:path, $about:literal;)*) => {$(
        #[doc = $about]
        #[derive(Debug)]
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let codes = <$words>::ALL.iter().map(|word| word.code());
                let schema = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(codes)).description(Some($about));
                Schema::from(schema.build()).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

words! {
    OrgStatus = org::OrgStatus, "Where an organization is in its life.";
    OrgSort = org::OrgSort, "Orders of the organization list.";
    ProvisioningStep = org::ProvisioningStep, "The steps that make an organization, in order.";
    StepStatus = org::StepStatus, "How far a step is.";
    Role = user::Role, "The built-in roles, strongest first.";
    UserStatus = user::UserStatus, "Where a user is in their life.";
    UserSort = user::UserSort, "Orders of the user list.";
    DutyRule = duty::DutyRule, "What happens to a change by which somebody would hold duties that exclude each other: a reason is asked for, or it is refused.";
    WorkspaceStatus = workspace::WorkspaceStatus, "Whether roles in a workspace count.";
    SignInMethod = session::SignInMethod, "How a session began.";
    SettingKey = setting::SettingKey, "Every setting there is.";
    SettingSource = setting::SettingSource, "Where a value in force comes from.";
    Action = audit::Action, "Everything that is recorded.";
    Outcome = audit::Outcome, "How it ended.";
    ActorKind = audit::ActorKind, "Who acted.";
    TargetKind = audit::TargetKind, "What was acted on.";
    FindingCode = isolation::Code, "What can be wrong with a database; docs/rls-lint.md explains each.";
    Severity = isolation::Severity, "How bad a finding is, the worst first.";
    ObjectKind = isolation::ObjectKind, "What a finding is about.";
    RunStatus = isolation::RunStatus, "Where a run of the prover is.";
    StatementSource = isolation::StatementSource, "Who counted the statements.";
    DecisionOutcome = access::DecisionOutcome, "What came out of a decision.";
    AttributeKind = access::AttributeKind, "What sort of value an attribute has.";
    GrantEffect = access::Effect, "What a line of a role does where it counts.";
    AttributeComparison = access::Comparison, "How an attribute is compared with a value.";
    Reach = domain::Reach, "How far: not at all, under a condition or at another time, always.";
    ReasonCode = decision::ReasonCode, "Why a decision came out as it did; docs/reason-codes.md explains each.";
    ConditionTruth = truth::Truth, "Whether a condition holds; what cannot be known never allows and always denies.";
    BatchOutcome = access::Prospect, "What becomes of somebody: they get the role, hold it for another time, lose it, it is so already, or they are left out.";
    BatchRefusal = access::LeftOut, "Why somebody is left out.";
    RoleStanding = decision::Standing, "Whether a held role counts.";
    Surface = attempt::Surface, "Where in a request the other organization's name or id stood.";
    AlertStatus = attempt::AlertStatus, "What people have done about an alert.";
}
