//! Bodies as they arrive: one JSON object, every field known, none twice.

use super::error::{ApiError, ApiResult};
use crate::{
    problem::{Code, Problem},
    site::Site,
    watch::{ReadBody, Written},
};
use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
    http::{HeaderMap, Method, header, request::Parts},
};
use bulkhead_domain::{Ctx, Error, OperatorCtx, idempotency};
use bulkhead_model::{FieldErrors, Id, text::capitalised};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::error::Category;
use utoipa::ToSchema;

/// The header of draft-ietf-httpapi-idempotency-key-header.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A JSON body. A POST's `Idempotency-Key` is given to the context on the way, with the fingerprint of the request.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Site> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Site) -> ApiResult<Self> {
        let (parts, bytes) = read(request).await?;
        require_json(&parts.headers)?;
        ReadBody::keep(&parts.extensions, Written::Json, &bytes);
        let value = parse(&bytes)?;
        once(&parts, &bytes)?;
        Ok(Self(value))
    }
}

/// The body of an operation that can do without: nothing, or a JSON object.
#[derive(Debug)]
pub struct MaybeJson<T>(pub T);

impl<T: DeserializeOwned + Default> FromRequest<Site> for MaybeJson<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Site) -> ApiResult<Self> {
        let (parts, bytes) = read(request).await?;
        let value = if bytes.is_empty() {
            T::default()
        } else {
            require_json(&parts.headers)?;
            ReadBody::keep(&parts.extensions, Written::Json, &bytes);
            parse(&bytes)?
        };
        once(&parts, &bytes)?;
        Ok(Self(value))
    }
}

/// Refuses every field.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// The body of an operation that takes none: nothing, or an empty JSON object.
pub type NoBody = MaybeJson<Empty>;

/// The body of an operation that takes a reason only where duties exclude each other.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "While Ana is away"}))]
pub struct Because {
    /// Why; kept in the audit log. Required where somebody would newly hold duties that exclude each other.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: String,
}

async fn read(request: Request) -> ApiResult<(Parts, Bytes)> {
    let (parts, body) = request.into_parts();
    // The size is limited by a layer outside, which also puts the true reason into the answer.
    let bytes = to_bytes(body, usize::MAX).await.map_err(|_| Problem::new(Code::MalformedJson))?;
    Ok((parts, bytes))
}

/// The same-origin layer also lets forms through; no operation takes one.
fn require_json(headers: &HeaderMap) -> ApiResult<()> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        Ok(())
    } else {
        Err(Problem::new(Code::UnsupportedMediaType).into())
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> ApiResult<T> {
    // Serde would also read a struct from an array, field by field; the document says object.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::new(Code::MalformedJson).into());
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| refuse(&error))?;
    // Something after the object: two readers could each take another one for the request.
    json.end().map_err(|_| Problem::new(Code::MalformedJson))?;
    Ok(value)
}

fn refuse(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let inner = error.inner();
    if inner.classify() != Category::Data {
        let place = format!("It breaks off or goes wrong at line {}, column {}.", inner.line(), inner.column());
        return Problem::new(Code::MalformedJson).detail(format!("{} {place}", Code::MalformedJson.advice())).into();
    }
    let text = inner.to_string();
    let sentence = text.split(" at line ").next().unwrap_or_default();
    let path = error.path().to_string();
    // Serde names a missing, unknown or repeated field in its sentence, and the object that should hold it as the path.
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| sentence.strip_prefix(start))
        .and_then(|rest| rest.split('`').next());
    let field = match (path.as_str(), named) {
        (".", Some(name)) => name.to_owned(),
        (".", None) => String::new(),
        (path, Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => format!("{path}.{name}"),
        (path, _) => path.to_owned(),
    };
    Problem::of_fields(Code::Invalid, &FieldErrors::one(field, format!("{}.", capitalised(sentence)))).into()
}

/// Makes the write behind this request happen once for its key.
fn once(parts: &Parts, body: &[u8]) -> ApiResult<()> {
    if parts.method != Method::POST {
        return Ok(());
    }
    let mut keys = parts.headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = match (keys.next(), keys.next()) {
        (None, _) => return Ok(()),
        (Some(key), None) => key.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => "",
    };
    let Some(once) = idempotency::once(key, parts.method.as_str(), parts.uri.path(), body) else {
        return Err(ApiError::header(
            "Idempotency-Key",
            "Send it once, with 1 to 200 ASCII characters, such as a UUID.",
        ));
    };
    if let Some(ctx) = parts.extensions.get::<Ctx>() {
        ctx.once(once);
    } else if let Some(ctx) = parts.extensions.get::<OperatorCtx>() {
        ctx.once(once);
    }
    Ok(())
}

/// What a change came to, or `None` for a repetition: it is answered with how things are by now.
pub fn first_time<T>(done: Result<T, Error>) -> ApiResult<Option<T>> {
    match done {
        Err(Error::DoneBefore(_)) => Ok(None),
        done => Ok(Some(done?)),
    }
}

/// The id of what was made, whether this request made it or one before with the same key.
pub fn made<K>(done: Result<Id<K>, Error>) -> ApiResult<Id<K>> {
    match done {
        Err(Error::DoneBefore(done)) => done.id.parse().map_err(|_| ApiError::not_found()),
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        name: String,
        #[serde(default)]
        list: Vec<u8>,
    }

    fn refusal(json: &str) -> (u16, String) {
        match parse::<Sample>(json.as_bytes()) {
            Ok(sample) => (200, format!("{} {:?}", sample.name, sample.list)),
            Err(error) => {
                let problem = error.problem();
                (problem.status, problem.errors.first().map_or("-", |refused| refused.field.as_str()).to_owned())
            }
        }
    }

    #[test]
    fn only_one_object_with_known_fields_is_read() {
        assert_eq!(refusal(r#"{"name":"a","list":[1]}"#), (200, "a [1]".to_owned()));
        assert_eq!(refusal(r#"{"name":"a","#), (400, "-".to_owned()));
        assert_eq!(refusal(r#"{"name":"a"} {"name":"b"}"#), (400, "-".to_owned()));
        assert_eq!(refusal(r#"{"name":"a","admin":true}"#), (422, "admin".to_owned()));
        assert_eq!(refusal(r#"{"name":"a","name":"b"}"#), (422, "name".to_owned()));
        assert_eq!(refusal("{}"), (422, "name".to_owned()));
        assert_eq!(refusal(r#"{"name":"a","list":[1,"x"]}"#), (422, "list[1]".to_owned()));
        assert_eq!(refusal(r#"["a"]"#), (400, "-".to_owned()));
        assert_eq!(refusal("null"), (400, "-".to_owned()));
    }

    #[test]
    fn depth_is_limited() {
        let deep = format!("{{\"name\":{}", "[".repeat(100_000));
        assert_ne!(refusal(&deep).0, 200);
    }
}
