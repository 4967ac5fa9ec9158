//! The same roles as Cedar's entities, and their lines as its policies. Policies and entities are parsed once, as our
//! graph is put together once; a request is made for every question, as ours is.
//!
//! Cedar knows no time zones: the day and the minute come with the request, which is a little in its favour.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
    str::FromStr,
};

use bulkhead_model::access::{Effect, PermissionName};
use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use super::{ADDRESS, AMOUNT, DEEP, HELD, effects, of_role};
use crate::Result;

/// Cedar with everything it needs for an answer.
pub(super) struct Yardstick {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    principal: EntityUid,
    resource: EntityUid,
}

fn uid(kind: &str, id: &str) -> Result<EntityUid> {
    Ok(EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind)?, EntityId::new(id)))
}

fn role(number: usize) -> Result<EntityUid> {
    uid("Role", &number.to_string())
}

impl Yardstick {
    pub(super) fn new() -> Result<Self> {
        let mut policies = String::new();
        for number in 0..HELD * DEEP {
            for permission in of_role(number) {
                for (effect, when) in effects(permission)? {
                    let word = if effect == Effect::Allow { "permit" } else { "forbid" };
                    let condition = if when.any.is_empty() {
                        ""
                    } else {
                        " when { context.weekday < 5 && context.minute >= 480 && context.minute < 1080 \
                          && context.address.isInRange(ip(\"192.0.2.0/24\")) && resource.amount < 1000 }"
                    };
                    let name = super::permission_text(permission);
                    writeln!(
                        policies,
                        "{word}(principal in Role::\"{number}\", action == Action::\"{name}\", resource){condition};"
                    )?;
                }
            }
        }
        let (principal, resource) = (uid("User", "ana")?, uid("Thing", "1")?);
        let held: HashSet<EntityUid> = (0..HELD).map(|number| role(number * DEEP)).collect::<Result<_>>()?;
        let amount = RestrictedExpression::new_long(AMOUNT as i64);
        let mut entities = vec![
            Entity::new(principal.clone(), HashMap::new(), held)?,
            Entity::new(resource.clone(), HashMap::from([("amount".to_owned(), amount)]), HashSet::new())?,
        ];
        for number in 0..HELD * DEEP {
            let parents = if number % DEEP + 1 < DEEP { HashSet::from([role(number + 1)?]) } else { HashSet::new() };
            entities.push(Entity::new(role(number)?, HashMap::new(), parents)?);
        }
        Ok(Self {
            authorizer: Authorizer::new(),
            policies: PolicySet::from_str(&policies)?,
            entities: Entities::from_entities(entities, None)?,
            principal,
            resource,
        })
    }

    pub(super) fn allows(&self, permission: &PermissionName) -> Result<bool> {
        let context = Context::from_pairs([
            ("weekday".to_owned(), RestrictedExpression::new_long(1)),
            ("minute".to_owned(), RestrictedExpression::new_long(630)),
            ("address".to_owned(), RestrictedExpression::new_ip(ADDRESS)),
        ])?;
        let action = uid("Action", &permission.to_string())?;
        let request = Request::new(self.principal.clone(), action, self.resource.clone(), context, None)?;
        Ok(self.authorizer.is_authorized(&request, &self.policies, &self.entities).decision() == Decision::Allow)
    }
}
