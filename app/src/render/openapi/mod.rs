//! The description of all that machines can read here (OpenAPI 3.1): no page speaks in it, so it is
//! the same for all of them.

mod schemas;
mod table;

use std::sync::LazyLock;

use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    Required, ResponseBuilder,
    path::{
        HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItem, Paths,
        PathsBuilder,
    },
    schema::{ObjectBuilder, Schema, SchemaFormat, Type},
};

use table::{Asks, Described, EVENTS, Form, TABLE};

/// The header of an answer that may be out of date.
const STALE: &str = "X-Pharos-Stale";
const STALE_MEANS: &str = "There if the database did not answer: how many seconds ago it was read, so that this may be out of date.";

const ABOUT: &str = "What a status page says, for machines. Everything can be read without a key and from \
    any origin. Answers carry a strong entity tag: ask again with If-None-Match. The documents below \
    /api/v2 are those of Statuspage's public API. They, the feeds and the calendars speak English, whatever the \
    page's language is.";

/// The document as JSON.
pub fn openapi() -> &'static str {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| document().to_pretty_json().unwrap_or_else(|_| "{}".to_owned()));
    &TEXT
}

/// The paths that are described, as the routes are written.
pub fn described() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|described| described.path)
}

fn document() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Pharos")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license))
        .build();
    OpenApiBuilder::new().info(info).paths(paths()).components(Some(schemas::components())).build()
}

fn paths() -> Paths {
    let item = |described: &Described| PathItem::new(HttpMethod::Get, operation(described));
    TABLE
        .iter()
        .fold(PathsBuilder::new(), |paths, described| paths.path(described.path, item(described)))
        .build()
}

fn operation(described: &Described) -> Operation {
    let mut operation = OperationBuilder::new()
        .tag(described.tag)
        .summary(Some(described.summary))
        .operation_id(Some(operation_id(described.path)))
        .response("200", answer(described));
    operation = match described.kind {
        EVENTS => operation.response("204", ResponseBuilder::new().description("There is no place left.")),
        _ => operation.response("304", ResponseBuilder::new().description("The client holds it already.")),
    };
    for name in described.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
        let id = Ref::from_schema_name(if name == "period" { "Period" } else { "Id" });
        operation = operation.parameter(parameter.required(Required::True).schema(Some(id)).build());
    }
    for asks in described.asks {
        operation = operation.parameter(asked(asks));
    }
    if described.path.contains('{') || described.may_lack {
        operation = operation.response("404", error(described.path, "There is no such thing."));
    }
    operation = described.refuses.iter().fold(operation, |operation, (status, about)| {
        operation.response(*status, error(described.path, about))
    });
    let dark = "There is nothing to say yet, or the past does not answer.";
    let waits = header(Type::Integer, "After how many seconds to ask again (RFC 9110).");
    operation
        .response("421", error(described.path, "Several pages are here, and none of them under this host."))
        .response("503", error(described.path, dark).header("Retry-After", waits))
        .build()
}

fn asked(asks: &Asks) -> Parameter {
    let whole = || ObjectBuilder::new().schema_type(Type::Integer);
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let schema: RefOr<Schema> = match asks.form {
        // A form that is sent as it stands says nothing here.
        Form::Id => text().pattern(Some("^([0-9A-Za-z]{1,64})?$")).into(),
        Form::Number(least, most) => whole().minimum(Some(least)).maximum(Some(most)).into(),
        Form::Word(word) => text().enum_values(Some([word])).into(),
        Form::Address => text().format(Some(SchemaFormat::Custom("uri".to_owned()))).into(),
    };
    let needed = if asks.is_needed { Required::True } else { Required::False };
    let parameter = ParameterBuilder::new().name(asks.name).parameter_in(ParameterIn::Query).required(needed);
    parameter.description(Some(asks.about)).schema(Some(schema)).build()
}

fn header(kind: Type, about: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind).build();
    HeaderBuilder::new().schema(Some(schema)).description(Some(about)).build()
}

/// One event of a stream, by the names of its fields (WHATWG HTML, server-sent events).
fn event() -> ObjectBuilder {
    let of = |kind, about: &str| ObjectBuilder::new().schema_type(kind).description(Some(about));
    ObjectBuilder::new()
        .property("id", of(Type::String, "The version: the revision, a full stop and the commit."))
        .property("event", of(Type::String, "`revision`"))
        .property("data", of(Type::String, "JSON: `revision`, and `spread_ms` to wait a random part of."))
        .property("retry", of(Type::Integer, "Milliseconds until the client may come back."))
}

fn answer(described: &Described) -> ResponseBuilder {
    let mut content = match described.schema {
        Some(name) => ContentBuilder::new().schema(Some(Ref::from_schema_name(name))),
        None if described.kind == EVENTS => ContentBuilder::new().schema(Some(event())),
        None => ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))),
    };
    if let Some(example) = schemas::example(described.schema) {
        content = content.example(Some(example));
    }
    let answer =
        ResponseBuilder::new().description(described.summary).content(described.kind, content.build());
    if described.kind == EVENTS {
        return answer;
    }
    let answer = answer.header("ETag", header(Type::String, "A strong entity tag (RFC 9110)."));
    if described.archived { answer.header(STALE, header(Type::Integer, STALE_MEANS)) } else { answer }
}

/// What went wrong: in JSON to machines that read JSON, else as a page.
fn error(path: &str, about: &str) -> ResponseBuilder {
    let json = path.ends_with(".json") || path.starts_with("/api/") || path == "/oembed";
    let response = ResponseBuilder::new().description(about);
    if json {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
        response.content("application/json", content)
    } else {
        let page = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))).build();
        response.content("text/html", page)
    }
}

/// `/components/{id}/badge.svg` is `components_id_badge_svg`.
fn operation_id(path: &str) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere_and_every_schema_is_one() {
        let document: serde_json::Value = serde_json::from_str(openapi()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for (at, _) in openapi().match_indices("#/components/schemas/") {
            let name = openapi()[at + 21..].split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
        for (name, schema) in schemas {
            assert!(schema.as_object().is_some_and(|schema| !schema.is_empty()), "{name}");
        }
        assert!(described().count() > 20);
    }
}
