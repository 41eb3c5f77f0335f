//! What is done to several subscribers at once.

use super::{
    answer::Answer,
    call::{Call, id_in},
    problem::Problem,
    subscribers::{KINDS, STATES, filter},
};
use crate::{
    domain::subscriber::{self, Channel},
    store::{Change, SubscriberFilter},
    wire::manage::{SubscribersBody, SubscribersDone},
};

/// The most that are unsubscribed at once, and the most of `all` that anything else is done to.
const MOST_UNSUBSCRIBED: u64 = 100;
const MOST_AT_ONCE: u64 = 1_000;

pub async fn unsubscribe_many(call: Call) -> Result<Answer, Problem> {
    let asked: SubscribersBody = call.read()?;
    let state = asked.state.clone();
    call.keep(async |change| {
        let found = named(change, &asked, state.as_deref(), MOST_UNSUBSCRIBED).await?;
        for subscriber in &found {
            change.unsubscribe(&subscriber.id, None).await?;
        }
        done(&found)
    })
    .await
}

pub async fn reactivate(call: Call) -> Result<Answer, Problem> {
    let asked: SubscribersBody = call.read()?;
    call.keep(async |change| {
        let found = named(change, &asked, Some("quarantined"), MOST_AT_ONCE).await?;
        for subscriber in &found {
            change.reactivate(&subscriber.id).await?;
        }
        done(&found)
    })
    .await
}

pub async fn resend_many(call: Call) -> Result<Answer, Problem> {
    let mut asked: SubscribersBody = call.read()?;
    asked.kind = Some(Channel::Email.as_str().to_owned());
    call.keep(async |change| {
        let found = named(change, &asked, Some("unconfirmed"), MOST_AT_ONCE).await?;
        for subscriber in &found {
            change.ask_again(subscriber).await?;
        }
        done(&found)
    })
    .await
}

fn done(found: &[subscriber::Subscriber]) -> Result<Answer, Problem> {
    Answer::created(&SubscribersDone { subscribers: found.len() })
}

/// Those of the named ones, or of all, who are of this type and in this state.
async fn named(
    change: &Change,
    asked: &SubscribersBody,
    state: Option<&str>,
    most: u64,
) -> Result<Vec<subscriber::Subscriber>, Problem> {
    for (field, word, words) in [("type", asked.kind.as_deref(), KINDS), ("state", state, STATES)] {
        if word.is_some_and(|word| !words.contains(&word)) {
            return Err(Problem::field(field, format!("allowed is one of {}", words.join(", "))));
        }
    }
    let among = match asked.subscribers.as_slice() {
        [all] if all == "all" => None,
        texts => {
            let mut ids = vec![];
            for text in texts {
                let id = id_in("subscribers", text)?;
                change.view().subscriber(&id, None).await?;
                ids.push(id);
            }
            Some(ids)
        }
    };
    match filter(asked.kind.as_deref(), state) {
        Some(filter) => Ok(change.subscribers_up_to(&SubscriberFilter { among, ..filter }, most).await?),
        None => Ok(vec![]),
    }
}
