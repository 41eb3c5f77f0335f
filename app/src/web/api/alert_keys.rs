//! Keys of addresses, for what can send no headers: heartbeats, and topics of Amazon SNS.

use super::{
    answer::Answer,
    call::{Call, name},
    problem::Problem,
    route::{PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{Id, token::Scope},
    store::{KeyChanges, NewKey, Secret, View},
    wire::manage::{AlertKey, AlertKeyBody},
};

const TAG: &str = "Alert keys";
const WRITES: &[Scope] = &[Scope::PageWrite];

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/alert_keys", "The keys, by name.", |call| Box::pin(list(call)))
        .tag(TAG)
        .asks(&[PAGE, PER_PAGE])
        .answers(Shape::Many("AlertKey")),
    Route::post("/v1/pages/{page_id}/alert_keys", "Makes a key and shows it once.", |call| {
        Box::pin(create(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("NewAlertKeyBody")
    .asks(&[])
    .answers(Shape::One("AlertKey")),
    Route::get("/v1/pages/{page_id}/alert_keys/{alert_key_id}", "A key.", |call| Box::pin(read(call)))
        .tag(TAG)
        .answers(Shape::One("AlertKey")),
    Route::change("/v1/pages/{page_id}/alert_keys/{alert_key_id}", "Changes a key.", |call| {
        Box::pin(change(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("AlertKeyBody")
    .answers(Shape::One("AlertKey")),
    Route::delete(
        "/v1/pages/{page_id}/alert_keys/{alert_key_id}",
        "Deletes a key: its address opens nothing any more.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .with_status(204),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let keys = moment.view().alert_keys(call.slice()).await?;
    Answer::ok(&keys.iter().map(|key| AlertKey::of(key, &place, None)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("alert_key_id")?, None).await
}

async fn one(call: &Call, view: View<'_>, id: &Id, secret: Option<String>) -> Result<Answer, Problem> {
    let key = view.alert_key(id).await?;
    Ok(Answer::ok(&AlertKey::of(&key, &call.place(view).await?, secret))?.at(key.version))
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<AlertKeyBody>()?.alert_key;
    let needed = |field| move || Problem::field(field, "is needed");
    let secret = Secret::random();
    let new = NewKey {
        kind: asked.kind.ok_or_else(needed("alert_key.kind"))?,
        name: name("alert_key.name", asked.name.as_deref().ok_or_else(needed("alert_key.name"))?)?,
        prefix: secret.prefix,
        hash: secret.hash,
        period_seconds: asked.period_seconds,
        topic_arn: asked.topic_arn.flatten(),
    };
    call.change(async |change| {
        let id = change.create_alert_key(new).await?;
        Ok(one(&call, change.view(), &id, Some(secret.text)).await?.made_anew())
    })
    .await
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let asked = call.read::<AlertKeyBody>()?.alert_key;
    let id = call.id("alert_key_id")?;
    let changes = KeyChanges {
        name: asked.name.as_deref().map(|text| name("alert_key.name", text)).transpose()?,
        period_seconds: asked.period_seconds,
        topic_arn: asked.topic_arn,
    };
    call.change(async |change| {
        let held = change.view().alert_key(&id).await?.kind;
        if asked.kind.is_some_and(|kind| kind != held) {
            return Err(Problem::field("alert_key.kind", "stays what it is; make another key"));
        }
        change.update_alert_key(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id, None).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("alert_key_id")?;
    call.change(async |change| {
        change.delete_alert_key(&id, call.if_match).await?;
        Ok(Answer::nothing())
    })
    .await
}
