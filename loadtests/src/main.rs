//! People and machines as they come to a status page, played by goose: who asks for what, and how often, is the model
//! of `model.json`. `people --help` lists goose's own options (users, run time, reports, thresholds).
//!
//! `PHAROS_TOKEN` (a token of the management API) and `PHAROS_PAGE_ID` let operators and clients come too, who change
//! the page.

mod ask;
mod model;
mod users;

use std::time::Duration;

use goose::prelude::*;

use model::Model;

#[tokio::main]
async fn main() -> Result<(), GooseError> {
    let model = Model::get();
    let mut attack = GooseAttack::initialize()?
        .register_scenario(scene(model, "visitors", users::visitors::ask)?)
        .register_scenario(users::watchers::scene(model.weight("watchers"))?)
        .register_scenario(scene(model, "machines", users::machines::ask)?);
    if let (Ok(token), Ok(page)) = (std::env::var("PHAROS_TOKEN"), std::env::var("PHAROS_PAGE_ID")) {
        let keys = users::Keys::new(&token, &page);
        attack = attack
            .register_scenario(users::clients::scene(model, &keys)?)
            .register_scenario(users::operators::scene(model.weight("operators"), &keys)?);
    }
    attack.execute().await?;
    Ok(())
}

type Ask = for<'a> fn(&'a mut GooseUser, &'static str) -> users::Asking<'a>;

/// Everybody of a kind: each request of the model is a transaction that is drawn by its weight.
fn scene(model: &'static Model, kind: &'static str, ask: Ask) -> Result<Scenario, GooseError> {
    let mut scene = Scenario::new(kind).set_weight(model.weight(kind))?.set_wait_time(PAUSE.0, PAUSE.1)?;
    for (name, weight) in model.requests(kind) {
        let transaction = Transaction::new(std::sync::Arc::new(move |user| ask(user, name)));
        scene = scene.register_transaction(transaction.set_name(name).set_weight(weight)?);
    }
    Ok(scene)
}

/// One request a second in the mean: so many users are so many requests a second.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_millis(1500));
