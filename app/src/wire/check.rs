//! Checks what is sent, and files, against the schemas that describe them.

use std::{collections::HashMap, fmt};

use boon::{CompileError, Compiler, ErrorKind, SchemaIndex, Schemas, Type, ValidationError};
use serde_json::Value;

use crate::domain::id::NotAnId;

/// The most wrong values that are named at once.
const MOST_NAMED: usize = 20;
/// What the schemas are called among themselves; nothing is fetched from there.
const PLACE: &str = "http://pharos.invalid/schemas.json";

/// Schemas, ready to check with.
pub struct Checker {
    document: Value,
    schemas: Schemas,
    places: HashMap<String, SchemaIndex>,
}

impl fmt::Debug for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checker").field("places", &self.places.len()).finish_non_exhaustive()
    }
}

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its place in the document (RFC 6901): `/component/name`.
    pub pointer: String,
    /// What is wrong, and what is allowed; never the value, which may be long.
    pub message: String,
}

impl Checker {
    /// Over a document that holds schemas by name at this pointer, such as `/components/schemas`.
    pub fn new(document: Value, within: &str) -> Result<Self, Box<CompileError>> {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        compiler.add_resource(PLACE, document.clone()).map_err(Box::new)?;
        let mut places = HashMap::new();
        for name in document.pointer(within).and_then(Value::as_object).into_iter().flat_map(|all| all.keys())
        {
            let place = format!("{PLACE}#{within}/{name}");
            places.insert(name.clone(), compiler.compile(&place, &mut schemas).map_err(Box::new)?);
        }
        Ok(Self { document, schemas, places })
    }

    /// What is wrong with a value; nothing, if it fits its schema. None if there is no such schema.
    pub fn wrong(&self, value: &Value, schema: &str) -> Option<Vec<Wrong>> {
        let place = self.places.get(schema)?;
        let Err(error) = self.schemas.validate(value, *place) else { return Some(vec![]) };
        let mut wrong = vec![];
        self.collect(&error, &mut wrong);
        wrong.truncate(MOST_NAMED);
        Some(wrong)
    }

    /// Goes down to what is wrong by itself. Of null and something else, what is said of something else.
    fn collect(&self, error: &ValidationError<'_, '_>, wrong: &mut Vec<Wrong>) {
        let is_null = |error: &ValidationError<'_, '_>| matches!(&error.kind, ErrorKind::Type { want, .. } if want.iter().all(|kind| kind == Type::Null));
        let pointer = error.instance_location.to_string();
        match &error.kind {
            ErrorKind::OneOf(_) | ErrorKind::AnyOf => {
                if let Some(within) = error.causes.iter().find(|cause| !is_null(cause)) {
                    self.collect(within, wrong);
                }
            }
            _ if !error.causes.is_empty() => error.causes.iter().for_each(|cause| self.collect(cause, wrong)),
            ErrorKind::Required { want } => {
                wrong.extend(want.iter().map(|name| Wrong {
                    pointer: format!("{pointer}/{name}"),
                    message: "is needed".to_owned(),
                }))
            }
            ErrorKind::AdditionalProperties { got } => {
                let message = format!("is not known here; allowed are {}", self.known(error.schema_url));
                wrong.extend(got.iter().map(|name| Wrong {
                    pointer: format!("{pointer}/{}", escaped(name)),
                    message: message.clone(),
                }));
            }
            kind => wrong.push(Wrong { pointer, message: message(kind) }),
        }
    }

    /// The names of the properties that the schema has which refused another.
    fn known(&self, schema_url: &str) -> String {
        let pointer = schema_url.split_once('#').map_or("", |(_, pointer)| pointer);
        let schema = self.document.pointer(pointer.trim_end_matches("/additionalProperties"));
        let names = schema.and_then(|schema| schema["properties"].as_object());
        names.into_iter().flat_map(|all| all.keys().cloned()).collect::<Vec<_>>().join(", ")
    }
}

/// A name as it stands in a pointer.
fn escaped(name: &str) -> String {
    name.chars().take(80).collect::<String>().replace('~', "~0").replace('/', "~1")
}

/// What is wrong with a value, and what is allowed.
fn message(kind: &ErrorKind<'_, '_>) -> String {
    match kind {
        ErrorKind::FalseSchema => "is not possible here".to_owned(),
        ErrorKind::MinLength { want: 1, .. } => "must not be empty".to_owned(),
        ErrorKind::MinLength { want, .. } => format!("allowed are {want} characters or more"),
        ErrorKind::MaxLength { want, .. } => format!("allowed are at most {want} characters"),
        ErrorKind::MaxItems { want, .. } => format!("allowed are at most {want} entries"),
        ErrorKind::MinItems { want, .. } => format!("needs at least {want}"),
        ErrorKind::MinProperties { want, .. } => format!("needs at least {want}"),
        ErrorKind::Minimum { want, .. } => format!("allowed is {want} or more"),
        ErrorKind::Maximum { want, .. } => format!("allowed is {want} or less"),
        ErrorKind::Enum { want } => format!("allowed are {}", words(want)),
        ErrorKind::Format { want, .. } => format!("is no {want}{}", example(want)),
        ErrorKind::Pattern { want, .. } if want.contains("[0-9A-Za-z]{") => NotAnId.to_string(),
        ErrorKind::Pattern { want, .. } => match form(want) {
            Some(form) => format!("allowed is {form}"),
            None => format!("does not have the form {want}"),
        },
        ErrorKind::Type { want, .. } => {
            let kinds: Vec<String> = want.iter().map(|kind| kind.to_string()).collect();
            format!("allowed is {}", kinds.join(" or "))
        }
        _ => "does not fit its schema".to_owned(),
    }
}

/// What a pattern of ours asks for, in words; boon has written `\d` out.
fn form(pattern: &str) -> Option<&'static str> {
    let forms = [
        (
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}",
            "a day such as 2026-07-30, or an instant such as 2026-07-30T10:12:15Z",
        ),
        (
            r"^([1-9][0-9]{0,2}|\[",
            "a number of hours such as \"4\", a list of them such as \"[1, 5, 7]\", or \"[]\"",
        ),
        ("^(https?://", "an http or https address, or an empty text"),
        ("^arn:aws", "the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:alarms"),
    ];
    forms
        .iter()
        .find(|(beginning, _)| pattern.trim_start_matches("^$|").starts_with(beginning))
        .map(|(_, form)| *form)
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
