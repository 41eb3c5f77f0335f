//! Rules for alerts.

use super::{
    answer::Answer,
    call::{Call, id_in, name},
    problem::Problem,
    route::{DELETED, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{Id, token::Scope},
    store::{RuleChanges, View},
    wire::manage::{AlertRule, AlertRuleAsk, AlertRuleBody},
};

const TAG: &str = "Alert rules";
const WRITES: &[Scope] = &[Scope::PageWrite];

pub const ROUTES: &[Route] = &[
    Route::get(
        "/v1/pages/{page_id}/alert_rules",
        "The rules, in the order in which they are tried.",
        |call| Box::pin(list(call)),
    )
    .tag(TAG)
    .asks(&[PAGE, PER_PAGE, DELETED])
    .answers(Shape::Many("AlertRule")),
    Route::post("/v1/pages/{page_id}/alert_rules", "Makes a rule.", |call| Box::pin(create(call)))
        .tag(TAG)
        .for_scopes(WRITES)
        .takes("NewAlertRuleBody")
        .answers(Shape::One("AlertRule")),
    Route::get("/v1/pages/{page_id}/alert_rules/{alert_rule_id}", "A rule.", |call| Box::pin(read(call)))
        .tag(TAG)
        .asks(&[DELETED])
        .answers(Shape::One("AlertRule")),
    Route::change("/v1/pages/{page_id}/alert_rules/{alert_rule_id}", "Changes a rule.", |call| {
        Box::pin(change(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("AlertRuleBody")
    .answers(Shape::One("AlertRule")),
    Route::delete(
        "/v1/pages/{page_id}/alert_rules/{alert_rule_id}",
        "Deletes a rule; what it has open stays open.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .with_status(204),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let rules = moment.view().alert_rules(call.slice(), call.include()).await?;
    Answer::ok(&rules.iter().map(|rule| AlertRule::of(rule, &place)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("alert_rule_id")?).await
}

async fn one(call: &Call, view: View<'_>, id: &Id) -> Result<Answer, Problem> {
    let rule = view.alert_rule(id, call.include()).await?;
    Ok(Answer::ok(&AlertRule::of(&rule, &call.place(view).await?))?.at(rule.version))
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let changes = changes(call.read::<AlertRuleBody>()?.alert_rule)?;
    for (field, missing) in
        [("alert_rule.name", changes.name.is_none()), ("alert_rule.matchers", changes.matchers.is_none())]
    {
        if missing {
            return Err(Problem::field(field, "is needed"));
        }
    }
    call.change(async |change| {
        let id = change.create_alert_rule(changes).await?;
        Ok(one(&call, change.view(), &id).await?.made_anew())
    })
    .await
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let changes = changes(call.read::<AlertRuleBody>()?.alert_rule)?;
    let id = call.id("alert_rule_id")?;
    call.change(async |change| {
        change.update_alert_rule(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("alert_rule_id")?;
    call.change(async |change| {
        change.delete_alert_rule(&id, call.if_match).await?;
        Ok(Answer::nothing())
    })
    .await
}

fn changes(asked: AlertRuleAsk) -> Result<RuleChanges, Problem> {
    let id = |field: &str, said: Option<Option<String>>| match said {
        None => Ok(None),
        Some(Some(text)) if !text.is_empty() => id_in(field, &text).map(|id| Some(Some(id))),
        Some(_) => Ok(Some(None)),
    };
    Ok(RuleChanges {
        name: asked.name.as_deref().map(|text| name("alert_rule.name", text)).transpose()?,
        position: asked.position,
        matchers: asked.matchers,
        component_id: id("alert_rule.component_id", asked.component_id)?,
        component_status: asked.component_status,
        template_id: id("alert_rule.template_id", asked.template_id)?,
        notify: asked.notify,
        for_seconds: asked.for_seconds,
        hold_seconds: asked.hold_seconds,
        flap_limit: asked.flap_limit,
        disabled: asked.disabled,
    })
}
