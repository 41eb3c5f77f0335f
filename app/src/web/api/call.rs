//! One call: who calls, for what, with what; and what every handler does alike.

use std::{cell::RefCell, collections::HashMap, rc::Rc, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    Api,
    answer::Answer,
    body,
    caller::Caller,
    once::{Once, without_secrets},
    problem::Problem,
    route::{AskKind, Route, Verb},
};
use crate::{
    domain::{
        Id, calendar,
        page::{is_blank, is_control},
    },
    store::{Change, Committed, Include, Moment, Slice, View},
    wire::manage::{Instant, Place},
};

/// How many a list holds at once if nothing is said.
const PER_PAGE: u64 = 100;

/// A call that may be made: its token holds one of the route's scopes.
#[derive(Clone, Debug)]
pub struct Call {
    pub api: Arc<Api>,
    pub caller: Caller,
    pub route: &'static Route,
    pub verb: Verb,
    /// What stands in the path, by name.
    pub path: HashMap<String, String>,
    pub query: HashMap<String, String>,
    pub body: Value,
    /// The version that the caller has seen.
    pub if_match: Option<i64>,
    /// The text of `If-Match`, for what has no version.
    pub if_match_text: Option<String>,
    /// What was sent and nobody knows.
    pub unknown: Rc<RefCell<Vec<String>>>,
    /// The key that it came with, if it is made once.
    pub once: Option<Once>,
}

impl Call {
    /// An id in the path. What can't be one does not exist.
    pub fn id(&self, name: &str) -> Result<Id, Problem> {
        let text = self.path.get(name).map(String::as_str).unwrap_or_default();
        text.parse().map_err(|_| Problem::not_found(name.trim_end_matches("_id")))
    }

    pub fn page_id(&self) -> Result<Id, Problem> {
        self.id("page_id")
    }

    /// What was sent, checked.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let (read, unknown) = body::read(self.body.clone(), self.route.body.unwrap_or_default())?;
        self.unknown.borrow_mut().extend(unknown);
        Ok(read)
    }

    /// What was sent by others in their own words, checked; what is not known of it is passed over.
    pub fn read_foreign<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        Ok(body::read(self.body.clone(), self.route.body.unwrap_or_default())?.0)
    }

    /// One moment of the page, which is there.
    pub async fn moment(&self) -> Result<(Moment, Place), Problem> {
        let moment = self.api.store.moment(&self.page_id()?).await?;
        let place = self.place(moment.view()).await?;
        Ok((moment, place))
    }

    pub async fn place(&self, view: View<'_>) -> Result<Place, Problem> {
        let page = view.page(&self.api.own_url).await?;
        Ok(Place { page_id: page.id, zone: page.time_zone, url: page.url })
    }

    pub fn is_dry_run(&self) -> bool {
        self.flag("dry_run")
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.query.get(name).map(String::as_str), Some("" | "true" | "1" | "on" | "yes"))
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str)
    }

    /// What is searched for, if anything.
    pub fn search(&self) -> Option<String> {
        self.text("q").map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub fn instant(&self, name: &str) -> Option<chrono::DateTime<chrono::Utc>> {
        let text = self.query.get(name)?;
        serde_json::from_value::<Instant>(text.as_str().into()).ok().map(|instant| instant.0)
    }

    pub fn asked_id(&self, name: &str) -> Option<Id> {
        self.query.get(name)?.parse().ok()
    }

    pub fn includes(&self, word: &str) -> bool {
        self.query.get("include").is_some_and(|words| words.split(',').any(|one| one.trim() == word))
    }

    pub fn include(&self) -> Include {
        Include { deleted: self.includes("deleted"), drafts: self.includes("drafts") }
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.query.get(name)?.parse().ok()
    }

    /// Which part of a list is wanted; pages count from 1.
    pub fn slice(&self) -> Slice {
        let limit = self.number("per_page").or_else(|| self.number("limit")).unwrap_or(PER_PAGE);
        Slice { offset: (self.number("page").unwrap_or(1).max(1) - 1) * limit, limit }
    }

    /// Changes the page, shows it everywhere and answers; a dry run says what would be answered and
    /// whom it would tell, and changes nothing.
    pub async fn change(
        &self,
        work: impl AsyncFnOnce(&mut Change) -> Result<Answer, Problem>,
    ) -> Result<Answer, Problem> {
        let (change, answer) = self.prepare(work).await?;
        if let Some(change) = change {
            let committed = change.commit().await?;
            self.is_kept();
            self.show(&committed).await;
        }
        Ok(answer)
    }

    /// The same for what no visitor sees: the page keeps its revision.
    pub async fn keep(
        &self,
        work: impl AsyncFnOnce(&mut Change) -> Result<Answer, Problem>,
    ) -> Result<Answer, Problem> {
        let (change, answer) = self.prepare(work).await?;
        if let Some(change) = change {
            change.commit_unseen().await?;
            self.is_kept();
        }
        Ok(answer)
    }

    /// A change has kept the answer, for the key that the call came with.
    fn is_kept(&self) {
        if let Some(once) = &self.once {
            once.is_kept.set(true);
        }
    }

    /// What is to be committed, which is nothing of a dry run, and the answer.
    async fn prepare(
        &self,
        work: impl AsyncFnOnce(&mut Change) -> Result<Answer, Problem>,
    ) -> Result<(Option<Change>, Answer), Problem> {
        let mut change = self.api.store.change(&self.page_id()?, self.caller.actor()).await?;
        let answer = work(&mut change).await?;
        if !self.is_dry_run() {
            if let Some(once) = &self.once {
                change.answer(once.taken.clone(), without_secrets(&answer));
            }
            return Ok((Some(change), answer));
        }
        let subscribers = change.audience().await?;
        let told = DryRun { dry_run: true, result: answer.body, notifies: Notifies { subscribers } };
        Ok((None, Answer::ok(&told)?))
    }

    /// Shows what was committed.
    pub async fn show(&self, committed: &Committed) {
        if let Err(error) = self.api.app.announce(committed).await {
            // It is written; who polls finds it.
            tracing::warn!(error = &error as &dyn std::error::Error, "a change is shown later");
        }
    }

    /// The call that reads what this one was to change.
    pub fn reading(&self, route: &'static Route) -> Self {
        Self {
            route,
            verb: Verb::Get,
            body: json!({}),
            if_match: None,
            if_match_text: None,
            query: HashMap::new(),
            once: None,
            ..self.clone()
        }
    }
}

#[derive(Serialize)]
struct DryRun {
    dry_run: bool,
    result: Option<Value>,
    notifies: Notifies,
}

#[derive(Serialize)]
struct Notifies {
    subscribers: u64,
}

/// Reads a query as a route has it; what it doesn't know is noted, what can't be is refused.
pub fn query(route: &Route, text: &str) -> Result<(HashMap<String, String>, Vec<String>), Problem> {
    let (mut known, mut unknown) = (HashMap::new(), vec![]);
    for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
        let name = name.trim_end_matches("[]");
        let Some(ask) = route.asks.iter().find(|ask| ask.name == name) else {
            // Who wants to try something does not want it done.
            if name == "dry_run" && !route.verbs.contains(&Verb::Get) {
                return Err(Problem::query("dry_run", "is not possible here; nothing was done"));
            }
            if name != "api_key" {
                unknown.push(name.chars().take(60).collect());
            }
            continue;
        };
        if let Some(allowed) = refusal(ask.kind, &value) {
            return Err(Problem::query(ask.name, allowed));
        }
        known.insert(name.to_owned(), value.into_owned());
    }
    Ok((known, unknown))
}

/// What is allowed instead, if this is not.
fn refusal(kind: AskKind, value: &str) -> Option<String> {
    match kind {
        AskKind::Text(most) => {
            (value.chars().count() > most).then(|| format!("allowed are at most {most} characters"))
        }
        AskKind::Number(least, most) => {
            let fits = value.parse::<u64>().is_ok_and(|number| (least..=most).contains(&number));
            (!fits).then(|| format!("allowed is a whole number from {least} to {most}"))
        }
        AskKind::Flag => {
            let fits = ["", "true", "false", "1", "0", "on", "off", "yes", "no"].contains(&value);
            (!fits).then(|| "allowed are true and false".to_owned())
        }
        AskKind::Words(words) => {
            let fits = value.split(',').all(|word| words.contains(&word.trim()));
            (!fits).then(|| format!("allowed are {}, between commas", words.join(", ")))
        }
        AskKind::Word(words) => {
            (!words.contains(&value)).then(|| format!("allowed is one of {}", words.join(", ")))
        }
        AskKind::Instant => serde_json::from_value::<Instant>(value.into()).err().map(|_| {
            "allowed is a day such as 2026-07-30, or an instant such as 2026-07-30T10:12:15Z".into()
        }),
        AskKind::Day => calendar::first_and_last(value)
            .is_none()
            .then(|| "allowed is a day such as 2026-07-30, a month such as 2026-07, or a year".to_owned()),
        AskKind::Id => value.parse::<Id>().err().map(|error| error.to_string()),
    }
}

/// An id that was sent in a body.
pub fn id_in(field: &str, text: &str) -> Result<Id, Problem> {
    text.parse().map_err(|error: crate::domain::id::NotAnId| Problem::field(field, error.to_string()))
}

/// Several ids that were sent in a body.
pub fn ids_in(field: &str, texts: &[String]) -> Result<Vec<Id>, Problem> {
    texts.iter().map(|text| id_in(field, text)).collect()
}

/// A name without line breaks and other control characters, and not empty.
pub fn name(field: &str, text: &str) -> Result<String, Problem> {
    let name = text.trim();
    if is_blank(name) || name.contains(is_control) {
        let text = "allowed are 1 to 255 characters of which one is seen, without line breaks";
        return Err(Problem::field(field, text));
    }
    Ok(name.to_owned())
}

/// A text that may be empty: an empty one and null are the same to people.
pub fn or_none(said: &Option<Option<String>>) -> Option<Option<String>> {
    said.clone().map(|text| text.filter(|text| !text.trim().is_empty()))
}
