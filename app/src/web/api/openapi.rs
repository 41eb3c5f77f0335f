//! The description of the API (OpenAPI 3.1), made from the table of routes and the types that are
//! read and written.

use std::sync::LazyLock;

use serde_json::Value;
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr,
    Required, ResponseBuilder,
    path::{HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder},
    request_body::RequestBodyBuilder,
    schema::{AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
    security::SecurityRequirement,
    server::ServerBuilder,
    tag::{Tag, TagBuilder},
};

use super::{
    SECTIONS,
    documents::DOCS_PATH,
    refine::{encode_forms, refined},
    route::{Ask, AskKind, Route, Shape, Verb, table},
    schemas::components,
};
use crate::wire::page_file::SCHEMA_PATH;

pub const PATH: &str = "/v1/openapi.json";

const ABOUT: &str = "Runs status pages: Statuspage's management API v1, and what Pharos adds to it. Every call \
    needs a token: `Authorization: Bearer TOKEN` or `OAuth TOKEN`; `pharos token create` makes one. Bodies are \
    JSON or forms (`incident[name]=…`); every path is there with `.json` at its end too, and below `/api/v1`. \
    Every POST takes `Idempotency-Key`; objects have an `ETag`, and changes take `If-Match`. Fields and \
    parameters that nobody knows are named in a `Warning` header. A token may make as many calls a minute as \
    `PHAROS_API_CALLS_PER_MINUTE` says (600), and an address from which calls come without a token that is \
    alive four times as many; the headers `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` say \
    what is left, and 429 comes with `Retry-After`.";

/// The document as JSON.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> =
        LazyLock::new(|| serde_json::to_string_pretty(document()).unwrap_or_else(|_| "{}".to_owned()));
    &TEXT
}

/// The schemas by name.
pub fn schemas() -> &'static Value {
    static SCHEMAS: LazyLock<Value> = LazyLock::new(|| {
        let all = serde_json::to_value(components()).unwrap_or_default();
        refined(all["schemas"].clone())
    });
    &SCHEMAS
}

/// The document as a value.
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| {
        let mut document = serde_json::to_value(description()).unwrap_or_default();
        document["components"]["schemas"] = schemas().clone();
        encode_forms(&mut document);
        document
    });
    &DOCUMENT
}

fn description() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("Pharos management API")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .license(Some(license))
        .build();
    let mut paths = PathsBuilder::new();
    for routes in table().chunk_by(|one, other| one.path == other.path) {
        for route in routes {
            for verb in route.verbs {
                paths = paths.path(route.path, PathItem::new(method(*verb), operation(route, *verb)));
            }
        }
    }
    for (path, about, media_type) in DOCUMENTS {
        paths = paths.path(*path, PathItem::new(HttpMethod::Get, described(path, about, media_type)));
    }
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .paths(paths.build())
        .tags(Some(tags()))
        .components(Some(components()))
        .security(Some([SecurityRequirement::new("token", Vec::<String>::new())]))
        .build()
}

/// What operations are about, in the order in which people look for it.
fn tags() -> Vec<Tag> {
    let mut names: Vec<&str> = vec![];
    for route in SECTIONS.iter().copied().flatten() {
        if !names.contains(&route.tag) {
            names.push(route.tag);
        }
    }
    names.into_iter().chain(["Descriptions"]).map(|name| TagBuilder::new().name(name).build()).collect()
}

/// What describes the API.
const DOCUMENTS: &[(&str, &str, &str)] = &[
    (PATH, "This description (OpenAPI 3.1).", "application/json"),
    (DOCS_PATH, "This description as a page for people.", "text/html"),
    (
        SCHEMA_PATH,
        "The schema of files that pharos apply reads (JSON Schema 2020-12).",
        "application/schema+json",
    ),
];

fn described(path: &str, about: &str, media_type: &str) -> Operation {
    let kind = if media_type == "text/html" { Type::String } else { Type::Object };
    let content = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(kind))).build();
    OperationBuilder::new()
        .tag("Descriptions")
        .summary(Some(about))
        .description(Some("Anybody may read it."))
        .operation_id(Some(operation_id(path, Verb::Get)))
        .securities(Some(Vec::<SecurityRequirement>::new()))
        .response("200", ResponseBuilder::new().description(about).content(media_type, content))
        .build()
}

fn method(verb: Verb) -> HttpMethod {
    match verb {
        Verb::Get => HttpMethod::Get,
        Verb::Post => HttpMethod::Post,
        Verb::Put => HttpMethod::Put,
        Verb::Patch => HttpMethod::Patch,
        Verb::Delete => HttpMethod::Delete,
    }
}

fn operation(route: &Route, verb: Verb) -> Operation {
    let mut operation = OperationBuilder::new()
        .tag(route.tag)
        .summary(Some(route.summary))
        .description(Some(needs(route)))
        .operation_id(Some(operation_id(route.path, verb)))
        .response(route.status.to_string(), answered(route));
    for name in route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
        let schema: RefOr<Schema> = match name {
            "key" => RefOr::T(ObjectBuilder::new().schema_type(Type::String).max_length(Some(100)).into()),
            _ => Ref::from_schema_name("Id").into(),
        };
        operation = operation.parameter(parameter.required(Required::True).schema(Some(schema)).build());
    }
    if route.keyed {
        operation = operation.securities(Some(Vec::<SecurityRequirement>::new()));
    }
    for ask in route.asks {
        operation = operation.parameter(asked(ask));
    }
    for (name, about, of) in headers(route, verb) {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header);
        let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some(of));
        let parameter = parameter.required(Required::False).description(Some(about)).schema(Some(text));
        operation = operation.parameter(parameter.build());
    }
    if let Some(name) = route.body {
        let content = || ContentBuilder::new().schema(Some(Ref::from_schema_name(name))).build();
        let mut body =
            RequestBodyBuilder::new().content("application/json", content()).required(Some(Required::True));
        // What is sent by others, and lists by ids, are no forms.
        if !["Alerts", "Metrics"].contains(&route.tag) || verb != Verb::Post {
            body = body.content("application/x-www-form-urlencoded", content());
        }
        operation = operation.request_body(Some(body.build()));
    }
    for (status, about) in refusals(route, verb) {
        operation = operation.response(status, refused(about));
    }
    operation.build()
}

fn needs(route: &Route) -> String {
    match route.scopes {
        [] if route.keyed => "The key in the path is enough.".to_owned(),
        [] => "Any token may call it.".to_owned(),
        some => {
            let names = some.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>();
            format!("Needs the scope {}.", names.join(" or "))
        }
    }
}

fn headers(route: &Route, verb: Verb) -> Vec<(&'static str, &'static str, &'static str)> {
    let key = ("Idempotency-Key", "A call that comes again with it is not done again.", "^[ -~]{1,255}$");
    let seen = (
        "If-Match",
        "The entity tag that the caller has seen, or several; 412 if it has another now.",
        "^(\\*|\"[ -!#-~]*\"(, *\"[ -!#-~]*\")*)$",
    );
    match verb {
        Verb::Post if !route.keyed => vec![key],
        _ if route.tagged => vec![seen],
        _ => vec![],
    }
}

/// How else it answers.
fn refusals(route: &Route, verb: Verb) -> Vec<(&'static str, &'static str)> {
    let mut some = vec![
        ("400", "The request can't be understood."),
        ("401", "No token, or one that is unknown, expired or revoked."),
        ("403", "The token lacks a scope, or may not be used from there."),
        ("404", "It does not exist, or belongs to a page that the token does not open."),
        ("429", "Too many calls; Retry-After says when to come again."),
        ("503", "The database does not answer; Retry-After says when to come again."),
    ];
    if route.body.is_some() {
        some.push(("413", "The body is larger than 1 MiB."));
        some.push(("415", "The body is neither JSON nor a form."));
    }
    if verb != Verb::Get {
        some.push(("409", "It can't be done as things stand."));
        some.push(("412", "Somebody else changed it; the answer shows what it is now and what was done."));
        some.push(("422", "Fields that can't be, each with what is allowed."));
    }
    if verb == Verb::Get && route.asks.iter().any(|ask| matches!(ask.kind, AskKind::Day)) {
        some.push(("422", "A range that can't be, with what is allowed."));
    }
    if verb != Verb::Get && route.status != 200 && route.asks.iter().any(|ask| ask.name == "dry_run") {
        some.push((
            "200",
            "With dry_run=true: what would be answered, and how many subscribers would be told.",
        ));
    }
    some
}

fn answered(route: &Route) -> ResponseBuilder {
    let described = ResponseBuilder::new().description(route.summary);
    let schema: RefOr<Schema> = match route.answers {
        Shape::Nothing => return described,
        Shape::One(name) => Ref::from_schema_name(name).into(),
        Shape::Many(name) => ArrayBuilder::new().items(Ref::from_schema_name(name)).into(),
    };
    let schema = match route.asks.iter().any(|ask| ask.name == "dry_run") && route.status == 200 {
        // A dry run answers with the same status.
        true => {
            let either = AnyOfBuilder::new().item(schema).item(Ref::from_schema_name("DryRun")).build();
            RefOr::T(Schema::AnyOf(either))
        }
        false => schema,
    };
    let described = match route.answers {
        Shape::One(_) => {
            let text = Schema::from(ObjectBuilder::new().schema_type(Type::String));
            described.header("ETag", HeaderBuilder::new().schema(Some(text)).build())
        }
        _ => described,
    };
    described.content("application/json", ContentBuilder::new().schema(Some(schema)).build())
}

fn refused(about: &str) -> RefOr<utoipa::openapi::Response> {
    if about.starts_with("With dry_run") {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("DryRun"))).build();
        return ResponseBuilder::new().description(about).content("application/json", content).build().into();
    }
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(about).content("application/problem+json", content).build().into()
}

fn asked(ask: &Ask) -> utoipa::openapi::path::Parameter {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let schema: Schema = match ask.kind {
        AskKind::Text(most) => text().max_length(Some(most)).into(),
        AskKind::Number(least, most) => ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(least))
            .maximum(Some(most))
            .into(),
        AskKind::Flag => ObjectBuilder::new().schema_type(Type::Boolean).into(),
        AskKind::Words(words) => {
            let one = words.join("|");
            text().pattern(Some(format!("^({one})(,({one}))*$"))).into()
        }
        AskKind::Word(words) => text().enum_values(Some(words.iter().copied())).into(),
        AskKind::Instant => AnyOfBuilder::new()
            .item(text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))))
            .item(text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))))
            .into(),
        AskKind::Day => AnyOfBuilder::new()
            .item(text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))))
            .item(text().pattern(Some(r"^\d{4}(-(0[1-9]|1[0-2]))?$")))
            .into(),
        AskKind::Id => text().pattern(Some("^[0-9A-Za-z]{1,64}$")).into(),
    };
    let parameter = ParameterBuilder::new().name(ask.name).parameter_in(ParameterIn::Query);
    parameter.required(Required::False).description(Some(ask.about)).schema(Some(schema)).build()
}

/// `GET /v1/pages/{page_id}/components` is `get_pages_page_id_components`.
fn operation_id(path: &str, verb: Verb) -> String {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).skip(1);
    let verb = verb.as_str().to_lowercase();
    std::iter::once(verb.as_str()).chain(words).collect::<Vec<_>>().join("_")
}
