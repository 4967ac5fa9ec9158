//! What a line of a role looks like in JSON. The model reads and writes it; the types here are its description for the
//! document, and a test holds them to what the model writes.

use crate::api::words;
use serde::Serialize;
use utoipa::ToSchema;

/// One line of a role.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"permission": "users:read", "effect": "allow", "when": [
    [{"test": "address", "ranges": ["192.0.2.0/24"]}, {"test": "period", "from": null, "until": "2027-01-01T00:00:00Z"}],
]}))]
pub struct Grant {
    /// What it is about, as `GET /api/v1/permissions` lists it.
    #[schema(example = "users:read")]
    permission: String,
    /// Allowing or denying. Of several lines, denying wins.
    #[schema(value_type = words::GrantEffect)]
    effect: String,
    /// When it counts: a list of groups of tests. All tests of a group must hold, and one group is enough. Left out or
    /// empty: always. A test whose answer is not known never allows and always denies.
    #[schema(required = false)]
    when: Vec<Vec<ConditionTest>>,
}

/// One test of a condition, by its `test`: when, from where, or what is asked about.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "test", rename_all = "snake_case")]
#[schema(example = json!({"test": "hours", "days": ["mon", "tue"], "from": 540, "until": 1080, "zone": "Europe/Berlin"}))]
#[expect(dead_code, reason = "describes what the model writes and is never made")]
pub enum ConditionTest {
    /// At these hours of these days, by the clocks of one time zone. An end that is not after the beginning is on the day
    /// after.
    Hours {
        /// The days on which the hours begin: `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun`.
        #[schema(example = json!(["mon", "fri"]))]
        days: Vec<String>,
        /// Minute of the day from which on.
        #[schema(minimum = 0, maximum = 1439)]
        from: u16,
        /// Minute of the day before which.
        #[schema(minimum = 0, maximum = 1439)]
        until: u16,
        /// Name of the time zone in the IANA database.
        #[schema(example = "Europe/Berlin")]
        zone: String,
    },
    /// Not before, and before, a moment.
    Period {
        /// From then on; without it from ever.
        #[schema(value_type = Option<String>, format = DateTime)]
        from: Option<String>,
        /// Until then, not included; without it for ever.
        #[schema(value_type = Option<String>, format = DateTime)]
        until: Option<String>,
    },
    /// From one of these networks.
    Address {
        /// Addresses, or networks in CIDR notation.
        #[schema(example = json!(["192.0.2.0/24", "2001:db8::1"]))]
        ranges: Vec<String>,
    },
    /// An attribute of the resource compares so.
    Attribute {
        /// Which.
        #[schema(example = "region")]
        name: String,
        /// How.
        #[schema(value_type = words::AttributeComparison)]
        is: String,
        /// With this; with any of these for `one_of`.
        values: Vec<AttributeValue>,
    },
    /// The resource belongs to whoever asks.
    Owner,
    /// The resource's id begins so.
    IdPrefix {
        /// With this.
        prefix: String,
    },
    /// The resource is in this workspace.
    Workspace {
        /// Its id.
        #[schema(value_type = Uuid)]
        workspace: String,
    },
}

/// A value with its type. Values of two types never compare: the text `"5"` is not the number `5`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[schema(example = json!({"type": "text", "value": "eu-central"}))]
#[expect(dead_code, reason = "describes what the model writes and is never made")]
pub enum AttributeValue {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A moment, as RFC 3339 writes it.
    Time(String),
}
