//! The OpenAPI document, as this page reads it.

use serde_json::Value;

/// The whole document.
#[derive(Debug, Clone, Copy)]
pub struct Document(pub &'static Value);

/// A group of operations.
#[derive(Debug, Clone, Copy)]
pub struct Tag {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub about: &'static str,
}

impl Tag {
    /// Its id on the page.
    pub fn anchor(self) -> String {
        self.name.to_lowercase().replace(' ', "-")
    }
}

/// One method of one path.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The method in lower case, as the document has it.
    pub method: &'static str,
    value: &'static Value,
}

fn text(value: &'static Value, name: &str) -> &'static str {
    value[name].as_str().unwrap_or_default()
}

fn entries(value: &'static Value) -> impl Iterator<Item = (&'static str, &'static Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn items(value: &'static Value) -> impl Iterator<Item = &'static Value> {
    value.as_array().into_iter().flatten()
}

impl Document {
    /// The groups, in order.
    pub fn tags(self) -> impl Iterator<Item = Tag> {
        items(&self.0["tags"]).map(|tag| Tag { name: text(tag, "name"), about: text(tag, "description") })
    }

    /// Every operation, by path; reading comes before changing.
    pub fn operations(self) -> impl Iterator<Item = Operation> {
        const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
        entries(&self.0["paths"]).flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| Some(Operation { path, method, value: item.get(method)? }))
        })
    }

    /// The named schemas.
    pub fn schemas(self) -> impl Iterator<Item = (&'static str, &'static Value)> {
        entries(&self.0["components"]["schemas"])
    }

    /// The schema a reference leads to, or the schema itself.
    pub fn resolve(self, schema: &'static Value) -> &'static Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.0.pointer(reference.trim_start_matches('#')).unwrap_or(schema),
            None => schema,
        }
    }

    /// A body's example: its own, or the one of its schema.
    pub fn example(self, schema: &'static Value) -> Option<&'static Value> {
        let schema = self.resolve(schema);
        schema.get("example").or_else(|| schema["examples"].get(0))
    }
}

/// One parameter of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// `path`, `query` or `header`.
    pub place: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it is for.
    pub about: &'static str,
    /// What it looks like.
    pub schema: &'static Value,
}

/// One answer of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The HTTP status.
    pub status: &'static str,
    /// When it is given; empty for the problems all operations share.
    pub about: &'static str,
    /// Its body, if it has one.
    pub schema: Option<&'static Value>,
}

impl Operation {
    /// Its id, also on the page.
    pub fn id(self) -> &'static str {
        text(self.value, "operationId")
    }

    /// What it does, in a few words.
    pub fn summary(self) -> &'static str {
        text(self.value, "summary")
    }

    /// What else is to be known.
    pub fn about(self) -> &'static str {
        text(self.value, "description")
    }

    /// Its group.
    pub fn tag(self) -> &'static str {
        self.value["tags"][0].as_str().unwrap_or_default()
    }

    /// Whether only operators reach it.
    pub fn operators_only(self) -> bool {
        self.value["x-operators-only"] == true
    }

    /// What it takes beside a body.
    pub fn parameters(self) -> impl Iterator<Item = Parameter> {
        items(&self.value["parameters"]).map(|parameter| Parameter {
            name: text(parameter, "name"),
            place: text(parameter, "in"),
            required: parameter["required"] == true,
            about: text(parameter, "description"),
            schema: &parameter["schema"],
        })
    }

    /// The schema of its body, if it takes one.
    pub fn body(self) -> Option<&'static Value> {
        json(&self.value["requestBody"])
    }

    /// Whether the body must be there.
    pub fn needs_body(self) -> bool {
        self.value["requestBody"]["required"].as_bool().unwrap_or_default()
    }

    /// Its answers: its own, and the statuses of the problems it shares with others.
    pub fn answers(self) -> (Vec<Answer>, Vec<&'static str>) {
        let (problems, own): (Vec<_>, Vec<_>) =
            entries(&self.value["responses"]).partition(|(_, response)| response["$ref"].is_string());
        let answer = |(status, value): (&'static str, &'static Value)| Answer {
            status,
            about: text(value, "description"),
            schema: json(value),
        };
        (own.into_iter().map(answer).collect(), problems.into_iter().map(|(status, _)| status).collect())
    }
}

fn json(value: &'static Value) -> Option<&'static Value> {
    value["content"]["application/json"].get("schema")
}
