//! Subscribers of a page.

use super::{
    answer::Answer,
    call::{Call, ids_in},
    problem::Problem,
    route::{Ask, AskKind, DRY_RUN, LIMIT, PAGE, PER_PAGE, Route, Shape},
    several,
};
use crate::{
    domain::{
        Id, address,
        subscriber::{Channel, SubscriberState},
        token::Scope,
    },
    store::{NewSubscriber, Slice, SubscriberFilter, SubscriberOrder, View},
    wire::manage::{
        ChoiceBody, Subscriber, SubscriberAsk, SubscriberBody, SubscriberCountByType,
        SubscriberCountByTypeAndState,
    },
};

const TAG: &str = "Subscribers";
const READS: &[Scope] = &[Scope::SubscribersRead];
const WRITES: &[Scope] = &[Scope::SubscribersWrite];

pub const KINDS: &[&str] = &["email", "sms", "webhook", "slack", "teams", "integration_partner"];
pub const STATES: &[&str] = &["active", "unconfirmed", "quarantined", "all"];
const ORDERS: &[&str] = &["primary", "created_at", "quarantined_at", "relevance"];

const KIND: Ask = Ask { name: "type", about: "Only those told in this way.", kind: AskKind::Word(KINDS) };
const STATE: Ask = Ask {
    name: "state",
    about: "Only those in this state; `active` if nothing is said.",
    kind: AskKind::Word(STATES),
};
const LISTED: &[Ask] = &[
    Ask { name: "q", about: "What the address holds, in whatever case.", kind: AskKind::Text(200) },
    KIND,
    STATE,
    LIMIT,
    Ask { name: "page", about: "Which part of the list, from 0.", kind: AskKind::Number(0, 1_000_000) },
    Ask {
        name: "sort_field",
        about: "`primary`, which is the address, if nothing is said; `relevance` needs `q`.",
        kind: AskKind::Word(ORDERS),
    },
    Ask { name: "sort_direction", about: "`asc` if nothing is said.", kind: AskKind::Word(&["asc", "desc"]) },
];
const GONE: &[Ask] = &[
    DRY_RUN,
    Ask {
        name: "skip_unsubscription_notification",
        about: "Nobody is told that they were unsubscribed, whatever is said here.",
        kind: AskKind::Flag,
    },
];

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/subscribers", "Those who are told of the page.", |call| {
        Box::pin(list(call))
    })
    .tag(TAG)
    .for_scopes(READS)
    .asks(LISTED)
    .answers(Shape::Many("Subscriber")),
    Route::post("/v1/pages/{page_id}/subscribers", "Subscribes somebody to the page.", |call| {
        Box::pin(create(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("SubscriberBody")
    .answers(Shape::One("Subscriber")),
    Route::get("/v1/pages/{page_id}/subscribers/count", "How many there are, by type.", |call| {
        Box::pin(count(call))
    })
    .tag(TAG)
    .for_scopes(READS)
    .asks(&[KIND, STATE])
    .answers(Shape::One("SubscriberCountByType")),
    Route::get(
        "/v1/pages/{page_id}/subscribers/histogram_by_state",
        "How many there are, by type and state.",
        |call| Box::pin(histogram(call)),
    )
    .tag(TAG)
    .for_scopes(READS)
    .answers(Shape::One("SubscriberCountByTypeAndState")),
    Route::get(
        "/v1/pages/{page_id}/subscribers/unsubscribed",
        "Those who are told nothing any more.",
        |call| Box::pin(unsubscribed(call)),
    )
    .tag(TAG)
    .for_scopes(READS)
    .asks(&[PAGE, PER_PAGE])
    .answers(Shape::Many("Subscriber")),
    Route::post("/v1/pages/{page_id}/subscribers/unsubscribe", "Unsubscribes several.", |call| {
        Box::pin(several::unsubscribe_many(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("SubscribersBody")
    .answers(Shape::One("SubscribersDone")),
    Route::post("/v1/pages/{page_id}/subscribers/reactivate", "Reactivates quarantined ones.", |call| {
        Box::pin(several::reactivate(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("SubscribersBody")
    .answers(Shape::One("SubscribersDone")),
    Route::post(
        "/v1/pages/{page_id}/subscribers/resend_confirmation",
        "Asks several again; of them, those who are told by e-mail and are unconfirmed.",
        |call| Box::pin(several::resend_many(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("SubscribersBody")
    .answers(Shape::One("SubscribersDone")),
    Route::get("/v1/pages/{page_id}/subscribers/{subscriber_id}", "A subscriber.", |call| {
        Box::pin(read(call))
    })
    .tag(TAG)
    .for_scopes(READS)
    .answers(Shape::One("Subscriber")),
    Route::patch(
        "/v1/pages/{page_id}/subscribers/{subscriber_id}",
        "Changes what a subscriber is told of.",
        |call| Box::pin(choose(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("ChoiceBody")
    .answers(Shape::One("Subscriber")),
    Route::delete("/v1/pages/{page_id}/subscribers/{subscriber_id}", "Unsubscribes somebody.", |call| {
        Box::pin(unsubscribe(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .asks(GONE)
    .answers(Shape::One("Subscriber")),
    Route::post(
        "/v1/pages/{page_id}/subscribers/{subscriber_id}/resend_confirmation",
        "Asks somebody again whether they want to be told.",
        |call| Box::pin(resend(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("Subscriber")),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let limit = call.number("limit").unwrap_or(100);
    let slice = Slice { offset: call.number("page").unwrap_or(0) * limit, limit };
    let text = call.search();
    let order = match call.text("sort_field") {
        Some("created_at") => SubscriberOrder::CreatedAt,
        Some("quarantined_at") => SubscriberOrder::QuarantinedAt,
        Some("relevance") if text.is_none() => {
            return Err(Problem::query("sort_field", "relevance is allowed only with q"));
        }
        Some("relevance") => SubscriberOrder::Relevance,
        _ => SubscriberOrder::Address,
    };
    let descending = call.text("sort_direction") == Some("desc");
    match filter(call.text("type"), call.text("state")) {
        Some(filter) => some(&call, &SubscriberFilter { text, order, descending, ..filter }, slice).await,
        None => some_of_none(&call).await,
    }
}

async fn unsubscribed(call: Call) -> Result<Answer, Problem> {
    let filter = SubscriberFilter { unsubscribed: true, ..Default::default() };
    some(&call, &filter, call.slice()).await
}

pub async fn some(call: &Call, filter: &SubscriberFilter, slice: Slice) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    if let Some(incident) = &filter.incident {
        moment.view().incident(incident, call.include()).await?;
    }
    let found = moment.view().subscribers(filter, slice).await?;
    Answer::ok(&found.iter().map(|one| Subscriber::of(one, &place)).collect::<Vec<_>>())
}

/// Of those who are told in a way that is not offered there is none.
async fn some_of_none(call: &Call) -> Result<Answer, Problem> {
    call.moment().await?;
    Answer::ok(&Vec::<Subscriber>::new())
}

/// None if nobody can be told in this way.
pub fn filter(kind: Option<&str>, state: Option<&str>) -> Option<SubscriberFilter> {
    let channel = match kind {
        None => None,
        Some(word) => Some(Channel::parse(word)?),
    };
    let state = SubscriberState::parse(state.unwrap_or("active"));
    Some(SubscriberFilter { channel, state, ..Default::default() })
}

async fn count(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    let mut counts = SubscriberCountByType::default();
    if let Some(filter) = filter(call.text("type"), call.text("state")) {
        let wanted = |channel: &Channel| filter.channel.is_none_or(|one| one == *channel);
        for channel in Channel::ALL.into_iter().filter(wanted) {
            let filter = SubscriberFilter { channel: Some(channel), ..filter.clone() };
            counts.set(channel, moment.view().count_subscribers(&filter).await?);
        }
    }
    Answer::ok(&counts)
}

async fn histogram(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    let mut counts = SubscriberCountByTypeAndState::default();
    for channel in Channel::ALL {
        for state in SubscriberState::ALL {
            let filter =
                SubscriberFilter { channel: Some(channel), state: Some(state), ..Default::default() };
            counts.add(channel, state, moment.view().count_subscribers(&filter).await?);
        }
    }
    Answer::ok(&counts)
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("subscriber_id")?, None).await
}

pub async fn one(call: &Call, view: View<'_>, id: &Id, incident: Option<&Id>) -> Result<Answer, Problem> {
    let found = view.subscriber(id, incident).await?;
    Ok(Answer::ok(&Subscriber::of(&found, &call.place(view).await?))?.at(found.version))
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let new = new(&call.read::<SubscriberBody>()?.subscriber)?;
    call.keep(async |change| {
        let id = change.subscribe(&new).await?;
        Ok(one(&call, change.view(), &id, None).await?.made_anew())
    })
    .await
}

/// Who is to be told, checked.
pub fn new(asked: &SubscriberAsk) -> Result<NewSubscriber, Problem> {
    let offered = "allowed are email, and endpoint for a webhook";
    let refused = [
        ("subscriber.phone_number", asked.phone_number.is_some(), "text messages are not offered; "),
        ("subscriber.phone_country", asked.phone_country.is_some(), "text messages are not offered; "),
        ("subscriber.page_access_user", asked.page_access_user.is_some(), "there are no page access users; "),
    ];
    if let Some((field, _, why)) = refused.into_iter().find(|(_, said, _)| *said) {
        return Err(Problem::field(field, format!("{why}{offered}")));
    }
    let email = asked.email.as_deref().filter(|text| !text.is_empty());
    let email =
        email.map(|text| address::email(text).map_err(|wrong| Problem::field("subscriber.email", wrong)));
    let email = email.transpose()?;
    let (channel, address, contact) = match asked.endpoint.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => {
            let wrong = |wrong| Problem::field("subscriber.endpoint", wrong);
            (Channel::Webhook, address::endpoint(text).map_err(wrong)?, email)
        }
        None => {
            let missing = || Problem::field("subscriber.email", format!("is needed; {offered}"));
            (Channel::Email, email.ok_or_else(missing)?, None)
        }
    };
    Ok(NewSubscriber {
        channel,
        address,
        contact,
        silent: asked.skip_confirmation_notification.unwrap_or_default(),
        component_ids: chosen("subscriber.component_ids", asked.component_ids.as_deref())?,
    })
}

fn chosen(field: &str, texts: Option<&[String]>) -> Result<Vec<Id>, Problem> {
    let mut ids = ids_in(field, texts.unwrap_or_default())?;
    ids.sort();
    ids.dedup();
    Ok(ids)
}

async fn choose(call: Call) -> Result<Answer, Problem> {
    let asked: ChoiceBody = call.read()?;
    let chosen = chosen("component_ids", asked.component_ids.as_deref())?;
    let id = call.id("subscriber_id")?;
    call.keep(async |change| {
        change.set_choices(&id, call.if_match, &chosen).await?;
        one(&call, change.view(), &id, None).await
    })
    .await
}

async fn unsubscribe(call: Call) -> Result<Answer, Problem> {
    let id = call.id("subscriber_id")?;
    call.keep(async |change| {
        let answer = one(&call, change.view(), &id, None).await?;
        change.unsubscribe(&id, call.if_match).await?;
        Ok(answer)
    })
    .await
}

async fn resend(call: Call) -> Result<Answer, Problem> {
    let id = call.id("subscriber_id")?;
    resend_to(&call, &id, None).await
}

pub async fn resend_to(call: &Call, id: &Id, incident: Option<&Id>) -> Result<Answer, Problem> {
    call.keep(async |change| {
        let subscriber = change.view().subscriber(id, incident).await?;
        change.ask_again(&subscriber).await?;
        Ok(one(call, change.view(), id, incident).await?.made_anew())
    })
    .await
}
