//! Rules for alerts: made, changed, tried.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    Asked, Call, Entry, Failure,
    form::Form,
    get,
    permission::{ConfiguresPage, Reads},
    post,
};
use crate::{
    domain::{
        Id,
        alert::{Matcher, Op, Source},
        status::ComponentStatus,
        token::Scope,
    },
    render::console::{self, RuleTyped, Rules, Section, Trial},
    settings,
    store::{Include, RuleChanges, Slice, StoreError},
};

const PATH: &str = "/admin/pages/{page}/alert-rules";
const ONE: &str = "/admin/pages/{page}/alert-rules/{rule}";
const TEST: &str = "/admin/pages/{page}/alert-rules/test";
const ALL: Slice = Slice { offset: 0, limit: 5_000 };
/// The signs of a matcher; those of two characters before those that they begin with.
const SIGNS: [(&str, Op); 4] =
    [("=~", Op::Matches), ("!~", Op::MatchesNot), ("!=", Op::IsNot), ("=", Op::Is)];
const MOST_LINES: usize = 64;

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, make), post(ONE, change), post(TEST, test)]
}

/// What is drawn besides the rules.
#[derive(Default)]
struct Told {
    typed: Option<(Option<Id>, RuleTyped)>,
    wrong: Option<String>,
    trial: Option<Trial>,
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, Told::default()).await
}

async fn draw(call: &Call, status: StatusCode, told: Told) -> Result<HttpResponse, Failure> {
    let (page, _) = call.page()?;
    let moment = call.console.store.moment(&page).await?;
    let rules = moment.view().alert_rules(ALL, Include::default()).await?;
    let components = moment.view().components(ALL, Include::default()).await?;
    let templates = moment.view().templates(ALL, Include::default()).await?;
    drop(moment);
    Ok(call.html(status, |frame| {
        frame.title = "Alert rules".into();
        frame.section = Section::Components;
        let shown = Rules {
            page: &page,
            rules: &rules,
            components: &components,
            templates: &templates,
            may_change: call.may(Scope::PageWrite),
            typed: told.typed.as_ref().map(|(id, typed)| (id.as_ref(), typed)),
            wrong: told.wrong.as_deref(),
            trial: told.trial.as_ref(),
            labels: call.form.text("labels"),
            source: call.form.text("source"),
        };
        console::alert_rules(frame, &shown)
    }))
}

fn typed(form: &Form) -> RuleTyped {
    let text = |field: &str| form.text(field).replace("\r\n", "\n");
    RuleTyped {
        name: text("name"),
        matchers: text("matchers"),
        component: text("component"),
        status: text("status"),
        template: text("template"),
        notify: form.text("notify") == "true",
        wait: text("wait"),
        hold: text("hold"),
        flap_limit: text("flap_limit"),
        position: text("position"),
        disabled: form.text("disabled") == "true",
    }
}

/// What stands before and behind the first sign of a line.
fn parted(line: &str) -> Option<(&str, Op, &str)> {
    let at = line.find(['=', '!'])?;
    let (label, rest) = line.split_at(at);
    let (sign, op) = SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign))?;
    Some((label.trim(), op, rest[sign.len()..].trim().trim_matches('"')))
        .filter(|(label, ..)| !label.is_empty())
}

fn matchers(text: &str) -> Result<Vec<Matcher>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES);
    lines
        .map(|line| {
            let (label, op, value) = parted(line)
                .filter(|(label, _, value)| label.chars().count() <= 100 && value.chars().count() <= 500)
                .ok_or("Fits labels: allowed is a label, one of = != =~ !~ and a value, such as severity = critical.")?;
            Ok(Matcher { label: label.to_owned(), op, value: value.to_owned() })
        })
        .collect()
}

/// The rule that is typed, as the store is told.
fn changes(typed: &RuleTyped) -> Result<RuleChanges, String> {
    let id = |field: &str, text: &str| match text {
        "" => Ok(None),
        text => text.parse::<Id>().map(Some).map_err(|_| format!("{field}: choose one of the list.")),
    };
    let number = |field: &str, text: &str| match text {
        "" => Ok(None),
        text => text.parse::<i32>().map(Some).map_err(|_| format!("{field}: allowed is a whole number.")),
    };
    let component_id = id("Moves the component", &typed.component)?;
    // A status without a component is none.
    let status = ComponentStatus::parse(&typed.status).filter(|_| component_id.is_some());
    Ok(RuleChanges {
        name: Some(settings::name(&typed.name).map_err(|why| format!("Name: {why}."))?),
        position: number("Place among the rules", &typed.position)?,
        matchers: Some(matchers(&typed.matchers)?),
        component_id: Some(component_id),
        component_status: Some(status),
        template_id: Some(id("Opens an incident from the template", &typed.template)?),
        notify: Some(typed.notify),
        for_seconds: number("Acts after so many seconds", &typed.wait)?,
        hold_seconds: number("Goes back after so many seconds", &typed.hold)?,
        flap_limit: number("Changes an hour", &typed.flap_limit)?,
        disabled: Some(typed.disabled),
    })
}

async fn refuse(
    call: &Call,
    id: Option<Id>,
    typed: RuleTyped,
    text: String,
) -> Result<HttpResponse, Failure> {
    let told = Told { typed: Some((id, typed)), wrong: Some(text), ..Told::default() };
    draw(call, StatusCode::UNPROCESSABLE_ENTITY, told).await
}

async fn make(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    save(&asked, None).await
}

async fn change(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let id = asked.id("rule")?;
    if asked.form.text("do") != "delete" {
        return save(&asked, Some(id)).await;
    }
    if asked.form.text("sure") != "true" {
        return refuse(&asked, Some(id), typed(&asked.form), "Tick that you are sure.".into()).await;
    }
    let (page, _) = asked.page()?;
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    change.delete_alert_rule(&id, seen(&asked)).await?;
    change.commit_unseen().await?;
    Ok(asked.to(&format!("/admin/pages/{page}/alert-rules?said=deleted")))
}

fn seen(call: &Call) -> Option<i64> {
    // Who says no version has seen none.
    Some(call.form.text("version").parse().unwrap_or(0))
}

async fn save(call: &Call, id: Option<Id>) -> Result<HttpResponse, Failure> {
    let (page, _) = call.page()?;
    let typed = typed(&call.form);
    if call.form.text("do") != "save" {
        return draw(call, StatusCode::OK, Told { typed: Some((id, typed)), ..Told::default() }).await;
    }
    let changes = match changes(&typed) {
        Ok(changes) => changes,
        Err(text) => return refuse(call, id, typed, text).await,
    };
    let mut change = call.console.store.change(&page, call.actor()?).await?;
    let outcome = match &id {
        Some(id) => change.update_alert_rule(id, seen(call), changes).await,
        None => change.create_alert_rule(changes).await.map(drop),
    };
    match outcome {
        Ok(()) => {}
        Err(StoreError::Refused(text)) => {
            drop(change);
            return refuse(call, id, typed, text).await;
        }
        Err(error) => return Err(error.into()),
    }
    change.commit_unseen().await?;
    Ok(call.to(&format!("/admin/pages/{page}/alert-rules?said=saved")))
}

/// Tries labels on the rules, as an alert would be tried; nothing moves.
async fn test(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    let (page, _) = asked.page()?;
    let labels = asked.form.text("labels").replace("\r\n", "\n");
    let source = Source::parse(asked.form.text("source")).unwrap_or(Source::Generic);
    let given = matchers(&labels).and_then(|all| match all.iter().all(|one| one.op == Op::Is) {
        true => Ok(all),
        false => Err("Labels of the alert: allowed is a label, = and its value, one a line.".into()),
    });
    let given: BTreeMap<String, String> = match given {
        Ok(given) => given.into_iter().map(|one| (one.label, one.value)).collect(),
        Err(text) => {
            let told = Told { wrong: Some(text), ..Told::default() };
            return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, told).await;
        }
    };
    let moment = asked.console.store.moment(&page).await?;
    let rules = moment.view().alert_rules(ALL, Include::default()).await?;
    drop(moment);
    // Expressions may have to be made ready, which is nothing for the threads that answer.
    let fitting = move || rules.into_iter().find(|rule| rule.fits(source, &given)).map(|rule| rule.id);
    let rule = actix_web::web::block(fitting).await.map_err(|_| StoreError::TimedOut)?;
    let told = Told { trial: Some(Trial { rule }), ..Told::default() };
    draw(&asked, StatusCode::OK, told).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_label_a_sign_and_a_value() {
        let read = |text: &str| {
            matchers(text)
                .map(|all| all.into_iter().map(|one| (one.label, one.op, one.value)).collect::<Vec<_>>())
        };
        let one = |label: &str, op, value: &str| (label.to_owned(), op, value.to_owned());
        assert_eq!(
            read("severity = critical\n\njob=~\"api-.*\"\nteam!=web\nhost !~ a=b"),
            Ok(vec![
                one("severity", Op::Is, "critical"),
                one("job", Op::Matches, "api-.*"),
                one("team", Op::IsNot, "web"),
                one("host", Op::MatchesNot, "a=b"),
            ])
        );
        for bad in ["severity", "= critical", "severity ! critical"] {
            assert!(read(bad).unwrap_err().contains("such as severity = critical"), "{bad}");
        }
    }
}
