//! The description of all that machines can read here (OpenAPI 3.1): no page speaks in it, so it is
//! the same for all of them.

mod schemas;
mod table;

use std::sync::LazyLock;

use utoipa::openapi::{
    ContentBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, Required, ResponseBuilder,
    path::{
        HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, Paths, PathsBuilder,
    },
    schema::{ObjectBuilder, Type},
};

use table::{Described, TABLE};

const ABOUT: &str = "What a status page says, for machines. Everything can be read without a key and from \
    any origin. Answers carry a strong entity tag: ask again with If-None-Match. The documents below \
    /api/v2 are those of Statuspage's public API.";

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
        .response("200", answer(described))
        .response("304", ResponseBuilder::new().description("The client holds it already."));
    for name in described.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
        let id = Ref::from_schema_name(if name == "period" { "Period" } else { "Id" });
        operation = operation.parameter(parameter.required(Required::True).schema(Some(id)).build());
    }
    for (name, about, is_needed) in described.asks {
        let needed = if *is_needed { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new().name(*name).parameter_in(ParameterIn::Query).required(needed);
        let text = ObjectBuilder::new().schema_type(Type::String);
        operation = operation.parameter(parameter.description(Some(*about)).schema(Some(text)).build());
    }
    if described.path.contains('{') || described.may_lack {
        operation = operation.response("404", error("There is no such thing."));
    }
    described
        .refuses
        .iter()
        .fold(operation, |operation, (status, about)| operation.response(*status, error(about)))
        .build()
}

fn answer(described: &Described) -> ResponseBuilder {
    let mut content = match described.schema {
        Some(name) => ContentBuilder::new().schema(Some(Ref::from_schema_name(name))),
        None => ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(Type::String))),
    };
    if let Some(example) = schemas::example(described.schema) {
        content = content.example(Some(example));
    }
    ResponseBuilder::new().description(described.summary).content(described.kind, content.build())
}

fn error(about: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    ResponseBuilder::new().description(about).content("application/json", content)
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
