//! One operation: who may call it, what it takes, what it answers.

use maud::{Markup, html};
use serde_json::Value;

use super::{anchor, example, raw, schema, text};

const VERBS: [&str; 5] = ["get", "post", "patch", "put", "delete"];

/// Methods of one path that are described in the same words.
#[derive(Debug)]
pub struct Operation<'a> {
    path: &'a str,
    verbs: Vec<&'a str>,
    says: &'a Value,
}

impl<'a> Operation<'a> {
    pub fn all(document: &'a Value) -> Vec<Self> {
        let mut all: Vec<Self> = vec![];
        for (path, item) in document["paths"].as_object().into_iter().flatten() {
            for verb in VERBS {
                let says = &item[verb];
                if says.is_null() {
                    continue;
                }
                let same = |one: &&mut Self| one.path == path && one.says["summary"] == says["summary"];
                match all.iter_mut().find(same) {
                    Some(one) => one.verbs.push(verb),
                    None => all.push(Self { path, verbs: vec![verb], says }),
                }
            }
        }
        all
    }

    pub fn tag(&self) -> &'a str {
        text(&self.says["tags"][0])
    }

    pub fn markup(&self, document: &Value) -> Markup {
        let body = &self.says["requestBody"]["content"]["application/json"]["schema"];
        html! {
            details {
                summary {
                    h3 id=(anchor("op", text(&self.says["operationId"]))) {
                        @for verb in &self.verbs { span.verb.(*verb) { (verb.to_uppercase()) } " " }
                        code { (self.path) }
                    }
                    " " span.q { (text(&self.says["summary"])) }
                }
                div.of {
                    (raw::markdown(text(&self.says["description"])))
                    (self.parameters())
                    @if !body.is_null() {
                        h4 { "Body" }
                        p.q { "JSON or a form: " (schema::kind(body)) }
                        (schema::fields(&schema::flat(document, body)))
                    }
                    h4 { "Answers" }
                    dl {
                        @for (status, answer) in self.says["responses"].as_object().into_iter().flatten() {
                            div { dt { code { (status) } } dd { (answered(answer)) } }
                        }
                    }
                    h4 { "Example" }
                    pre { code { (example::curl(document, self.verbs[0], self.path, self.says)) } }
                }
            }
        }
    }

    fn parameters(&self) -> Markup {
        let all = self.says["parameters"].as_array();
        html! {
            @if all.is_some_and(|all| !all.is_empty()) {
                h4 { "Parameters" }
                dl {
                    @for parameter in all.into_iter().flatten() {
                        div {
                            dt {
                                code { (text(&parameter["name"])) }
                                " " span.q { "in the " (text(&parameter["in"])) }
                            }
                            dd {
                                span.kind { (schema::kind(&parameter["schema"])) }
                                @if let Some(about) = parameter["description"].as_str() { (raw::markdown(about)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn answered(answer: &Value) -> Markup {
    let content = answer["content"].as_object().into_iter().flatten().next();
    html! {
        (text(&answer["description"]))
        @if let Some((media, content)) = content {
            " " span.kind { (schema::kind(&content["schema"])) " as " code { (media) } }
        }
    }
}
