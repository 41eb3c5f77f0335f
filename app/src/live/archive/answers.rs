//! From what the store said to the bytes of an answer.

use super::{Form, Question, question::Found};
use crate::{
    live::{Artefact, MediaType, Snapshot},
    render::{
        appointment, embed, history,
        oembed::{self, Shown},
        page, statuspage,
    },
    store::{MOST_FOUND, MOST_PAST},
};

/// The answer; none where a question has no such form.
pub fn artefact(snapshot: &Snapshot, question: &Question, form: Form, found: &Found) -> Option<Artefact> {
    let (media_type, text) = text(snapshot, question, form, found)?;
    let date = question.moment(snapshot).max(snapshot.state.committed_at);
    Some(match media_type {
        MediaType::Html if matches!(form, Form::Card(_)) => {
            Artefact::new(media_type, text, date).with_policy(&embed::POLICY)
        }
        MediaType::Html => Artefact::screen(text, &snapshot.state, date),
        _ => Artefact::new(media_type, text, date),
    })
}

/// What kind of text it is, and the text.
fn text(snapshot: &Snapshot, question: &Question, form: Form, found: &Found) -> Option<(MediaType, String)> {
    let (state, as_of) = (&snapshot.state, snapshot.as_of);
    Some(match (question, found, form) {
        (Question::Incident(_), Found::Incident(incident), Form::Html(tag)) => {
            let texts = snapshot.texts_in(tag)?;
            (MediaType::Html, page::incident(state, incident, as_of, texts))
        }
        (Question::Incident(_), Found::Incident(incident), Form::Json) => {
            (MediaType::Json, statuspage::incident(state, incident))
        }
        (Question::Incident(_), Found::Incident(incident), Form::Card(tag)) => {
            (MediaType::Html, embed::card(state, Shown::Incident(incident), snapshot.texts_in(tag)?))
        }
        (Question::Incident(_), Found::Incident(incident), Form::OEmbed(size, tag)) => {
            let texts = snapshot.texts_in(tag)?;
            (MediaType::Json, oembed::oembed(state, Shown::Incident(incident), size, texts))
        }
        (Question::Incident(_), Found::Incident(incident), Form::Feed(feed)) => {
            (MediaType::of_feed(feed), appointment::feed(state, incident, feed)?)
        }
        (Question::History { quarter, component }, Found::Incidents(incidents), Form::Html(tag)) => {
            let (component, most) = (component.as_ref(), usize::try_from(MOST_PAST).unwrap_or(usize::MAX));
            let listed = page::Listed { quarter: *quarter, component, incidents, most };
            (MediaType::Html, page::history(state, listed, as_of, snapshot.texts_in(tag)?))
        }
        (Question::History { quarter, component }, Found::Incidents(incidents), Form::Json) => {
            (MediaType::Json, history::document(state, *quarter, component.as_ref(), incidents, as_of))
        }
        (Question::Search { words, component }, Found::Incidents(incidents), Form::Html(tag)) => {
            let most = usize::try_from(MOST_FOUND).unwrap_or(usize::MAX);
            let texts = snapshot.texts_in(tag)?;
            (MediaType::Html, page::found(state, words, component.as_ref(), incidents, most, texts))
        }
        (Question::Uptime { component, quarter }, Found::Uptime { periods, spans }, Form::Html(tag)) => {
            let known = page::Known { quarter: *quarter, periods, spans };
            let texts = snapshot.texts_in(tag)?;
            (MediaType::Html, page::calendar(state, state.component(component)?, known, as_of, texts))
        }
        _ => return None,
    })
}
