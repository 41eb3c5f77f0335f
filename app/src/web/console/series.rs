//! A series of maintenances: another plan, and its end.

use actix_web::{HttpResponse, http::StatusCode};
use chrono::TimeDelta;

use super::{
    Asked, Call, Entry, Failure,
    again::again,
    compose::Choice,
    get,
    permission::{PlansMaintenances, Reads},
    plan::{self, Wrong, planned},
    post,
};
use crate::{
    domain::{Id, calendar, recurrence::Recurrence, token::Scope},
    render::console::{self, OWN, Planned, Section, SeriesShown},
    settings,
};

const PATH: &str = "/admin/pages/{page}/maintenances/series/{recurrence}";
/// So many of those to come are shown.
const SHOWN: u16 = 6;

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, save)]
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, None, false).await
}

async fn read(call: &Call, page: &Id) -> Result<(Recurrence, Choice), Failure> {
    let moment = call.console.store.moment(page).await?;
    let recurrence = moment.view().recurrence(&call.id("recurrence")?).await?;
    Ok((recurrence, Choice::of(moment.view()).await?))
}

async fn draw(
    call: &Call,
    status: StatusCode,
    wrong: Option<Wrong>,
    overtaken: bool,
) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = call.page()?;
    let (recurrence, choice) = read(call, &page).await?;
    let zone = snapshot.state.page.time_zone;
    let series = &recurrence.series;
    let form = &call.form;
    // What was typed stays as it was typed.
    let said = |field: &str, held: String| if form.has(field) { form.text(field).to_owned() } else { held };
    let now = call.console.store.now();
    let next = series.begin(zone, now, now + TimeDelta::days(3 * 366), SHOWN);
    Ok(call.html(status, |frame| {
        frame.title = series.name.clone();
        frame.section = Section::Maintenances;
        let shown = SeriesShown {
            page: &page,
            zone,
            recurrence: &recurrence,
            groups: &choice.groups,
            components: &choice.components,
            may_plan: call.may(Scope::MaintenancesWrite),
            name: &said("name", series.name.clone()),
            body: &said("body", series.body.clone()),
            begins: &said("begins", calendar::local_text(series.first_at, zone)),
            ends: &said("ends", calendar::local_text(series.first_at + series.lasts(), zone)),
            rule: &said("rule", series.rule.to_string()),
            next: &next,
            wrong: wrong.as_ref().map(|(field, text)| (*field, text.as_str())),
            overtaken,
        };
        console::series(frame, &shown)
    }))
}

async fn save(asked: Asked<PlansMaintenances>) -> Result<HttpResponse, Failure> {
    let (page, snapshot) = asked.page()?;
    let (recurrence, _) = read(&asked, &page).await?;
    let (id, form) = (&recurrence.id, &asked.form);
    // Who says no version has seen none.
    let seen = Some(form.text("version").parse().unwrap_or(0));
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let mut change = asked.console.store.change(&page, asked.actor()?).await?;
    let (outcome, said) = match form.text("do") {
        "save" => {
            let planned = Planned { repeats: OWN.to_owned(), ..planned(form) };
            let zone = snapshot.state.page.time_zone;
            let named =
                settings::name(&planned.name).map_err(|why| ("name", format!("What is done: {why}.")));
            let times = named.and_then(|_| plan::plan(&planned.begins, &planned.ends, zone));
            let series = times.and_then(|times| again(&planned, &times, zone));
            match series {
                Ok(Some(series)) => (change.change_series(id, seen, series).await, "series"),
                Ok(None) => return Err(Failure::NotFound),
                Err(wrong) => {
                    drop(change);
                    return draw(&asked, refused, Some(wrong), false).await;
                }
            }
        }
        "end" if form.text("sure") != "true" => {
            drop(change);
            return draw(&asked, refused, Some(("", "Tick that you are sure.".into())), false).await;
        }
        "end" => {
            let planned_too = form.text("planned") == "true";
            (change.end_series(id, seen, planned_too).await, "series-ended")
        }
        _ => {
            drop(change);
            return draw(&asked, StatusCode::OK, None, false).await;
        }
    };
    match outcome.map_err(Failure::from) {
        Ok(()) => {}
        Err(Failure::Overtaken) => {
            drop(change);
            return draw(&asked, StatusCode::CONFLICT, None, true).await;
        }
        Err(failure) => return Err(failure),
    }
    asked.console.commit(change).await?;
    Ok(asked.to(&format!("/admin/pages/{page}/maintenances/series/{id}?said={said}")))
}
