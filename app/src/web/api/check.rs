//! Checks what is sent against the schemas that the description shows.

use std::{collections::HashMap, sync::LazyLock};

use actix_web::http::StatusCode;
use boon::{CompileError, Compiler, ErrorKind, SchemaIndex, Schemas, Type, ValidationError};
use serde_json::{Value, json};

use super::problem::Problem;
use crate::wire::manage::WrongField;

/// The most wrong fields that are named at once.
const MOST_NAMED: usize = 20;
/// What the schemas are called among themselves; nothing is fetched from there.
const PLACE: &str = "http://pharos.invalid/schemas.json";

/// All schemas, ready to check with.
struct Checker {
    schemas: Schemas,
    places: HashMap<String, SchemaIndex>,
}

static CHECKER: LazyLock<Result<Checker, String>> =
    LazyLock::new(|| build().map_err(|error| error.to_string()));

fn build() -> Result<Checker, Box<CompileError>> {
    let all = super::openapi::schemas();
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource(PLACE, json!({ "components": { "schemas": all } })).map_err(Box::new)?;
    let mut places = HashMap::new();
    for name in all.as_object().into_iter().flat_map(|all| all.keys()) {
        let place = format!("{PLACE}#/components/schemas/{name}");
        places.insert(name.clone(), compiler.compile(&place, &mut schemas).map_err(Box::new)?);
    }
    Ok(Checker { schemas, places })
}

/// What is wrong with a body; nothing, if it fits its schema.
pub fn wrong_fields(body: &Value, schema: &str) -> Result<Vec<WrongField>, Problem> {
    let unusable = |error: &str| {
        tracing::error!(error, schema, "a schema can't be used");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "the body could not be checked")
    };
    let checker = CHECKER.as_ref().map_err(|error| unusable(error))?;
    let place = checker.places.get(schema).ok_or_else(|| unusable("there is no such schema"))?;
    let Err(error) = checker.schemas.validate(body, *place) else { return Ok(vec![]) };
    let mut wrong = vec![];
    collect(&error, &mut wrong);
    wrong.truncate(MOST_NAMED);
    Ok(wrong)
}

/// Goes down to what is wrong by itself. Of null and something else, what is said of something else.
fn collect(error: &ValidationError<'_, '_>, wrong: &mut Vec<WrongField>) {
    let is_null = |error: &ValidationError<'_, '_>| matches!(&error.kind, ErrorKind::Type { want, .. } if want.iter().all(|kind| kind == Type::Null));
    match &error.kind {
        ErrorKind::OneOf(_) | ErrorKind::AnyOf => {
            if let Some(within) = error.causes.iter().find(|cause| !is_null(cause)) {
                collect(within, wrong);
            }
        }
        _ if !error.causes.is_empty() => error.causes.iter().for_each(|cause| collect(cause, wrong)),
        ErrorKind::Required { want } => {
            wrong.extend(want.iter().map(|name| WrongField {
                field: within(&path(error), name),
                message: "is needed".to_owned(),
            }));
        }
        kind => {
            let field = Some(path(error)).filter(|path| !path.is_empty());
            let field = field.unwrap_or_else(|| "body".to_owned());
            wrong.push(WrongField { field, message: message(kind) });
        }
    }
}

/// `/component/name` is `component.name`.
fn path(error: &ValidationError<'_, '_>) -> String {
    let path = error.instance_location.to_string();
    path.trim_start_matches('/').replace('/', ".").chars().take(200).collect()
}

fn within(field: &str, name: &str) -> String {
    if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") }
}

/// What is wrong with a value, and what is allowed; never the value, which may be long.
fn message(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::MinLength { want: 1, .. } => "must not be empty".to_owned(),
        ErrorKind::MinLength { want, .. } => format!("allowed are {want} characters or more"),
        ErrorKind::MaxLength { want, .. } => format!("allowed are at most {want} characters"),
        ErrorKind::MaxItems { want, .. } => format!("allowed are at most {want} entries"),
        ErrorKind::MinItems { want, .. } => format!("needs at least {want}"),
        ErrorKind::Minimum { want, .. } => format!("allowed is {want} or more"),
        ErrorKind::Maximum { want, .. } => format!("allowed is {want} or less"),
        ErrorKind::Enum { want } => format!("allowed are {}", words(want)),
        ErrorKind::Format { want, .. } => format!("is no {want}{}", example(want)),
        ErrorKind::Pattern { want, .. } => format!("does not have the form {want}"),
        ErrorKind::Type { want, .. } => {
            let kinds: Vec<String> = want.iter().map(|kind| kind.to_string()).collect();
            format!("allowed is {}", kinds.join(" or "))
        }
        _ => "does not fit its schema".to_owned(),
    }
}

fn words(options: &[Value]) -> String {
    let words = options.iter().map(|word| match word.as_str() {
        Some("") => "an empty text".to_owned(),
        Some(word) => word.to_owned(),
        None => word.to_string(),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn example(format: &str) -> &'static str {
    match format {
        "date-time" => " such as 2026-07-30T10:12:15Z",
        "date" => " such as 2026-07-30",
        _ => "",
    }
}
