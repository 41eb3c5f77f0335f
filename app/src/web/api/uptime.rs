//! How long components and groups were up.

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;

use super::{
    answer::Answer,
    call::Call,
    problem::Problem,
    route::{Ask, AskKind, Route, Shape},
};
use crate::{
    domain::{
        Id, calendar,
        record::ComponentRecord,
        uptime::{self, Percentage, SHOWN_DAYS, Window},
    },
    store::{Include, View},
    wire::manage::{ComponentGroupUptime, ComponentUptime, Measured},
};

/// How far apart the first and the last day may be.
const MOST_MONTHS: Months = Months::new(6);

const START: &str = "The first day, or the year or month that begins with it: at most six months before the end. \
    The last 90 days, as far as they are known, if nothing is said.";
const END: &str = "The last day, or the year or month that ends with it; today, if nothing is said.";
const ASKS: &[Ask] = &[
    Ask { name: "start", about: START, kind: AskKind::Day },
    Ask { name: "end", about: END, kind: AskKind::Day },
    Ask { name: "skip_related_events", about: "Leaves out the incidents.", kind: AskKind::Flag },
];

pub const ROUTES: &[Route] = &[
    Route::get(
        "/v1/pages/{page_id}/components/{component_id}/uptime",
        "How long a component was up.",
        |call| Box::pin(of_component(call)),
    )
    .tag("Components")
    .asks(ASKS)
    .answers(Shape::One("ComponentUptime")),
    Route::get(
        "/v1/pages/{page_id}/component-groups/{group_id}/uptime",
        "How long the components of a group were up.",
        |call| Box::pin(of_group(call)),
    )
    .tag("Component groups")
    .asks(ASKS)
    .answers(Shape::One("ComponentGroupUptime")),
];

/// The days that are looked at.
struct Range {
    first: NaiveDate,
    last: NaiveDate,
    from: DateTime<Utc>,
    /// The instant after its last.
    until: DateTime<Utc>,
    warnings: Vec<String>,
}

async fn of_component(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let view = moment.view();
    let component = view.component(&call.id("component_id")?, Include::default()).await?;
    let ids = [component.component.id.clone()];
    let (range, measured) = measure(&call, view, std::slice::from_ref(&component), place.zone).await?;
    let related = match call.flag("skip_related_events") {
        true => None,
        false => view.related(&ids, (range.from, range.until)).await?.remove(&ids[0]).or(Some(vec![])),
    };
    let [id] = ids;
    Answer::ok(&ComponentUptime::of(measured, id, component.component.name, related, &place))
}

async fn of_group(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let view = moment.view();
    let group = view.group(&call.id("group_id")?, Include::default()).await?;
    let members = view.components_within(&group.group.id).await?;
    let (range, measured) = measure(&call, view, &members, place.zone).await?;
    let related = match call.flag("skip_related_events") {
        true => None,
        false => {
            let ids: Vec<Id> = members.iter().map(|member| member.component.id.clone()).collect();
            let mut found = view.related(&ids, (range.from, range.until)).await?;
            Some(ids.into_iter().filter_map(|id| found.remove_entry(&id)).collect())
        }
    };
    Answer::ok(&ComponentGroupUptime::of(measured, group.group.id, group.group.name, related, &place))
}

async fn measure(
    call: &Call,
    view: View<'_>,
    components: &[ComponentRecord],
    zone: Tz,
) -> Result<(Range, Measured), Problem> {
    let now = call.api.store.now();
    let ids: Vec<Id> = components.iter().map(|one| one.component.id.clone()).collect();
    let since = view.known_since(&ids).await?;
    let known = components.iter().filter_map(|one| {
        let first = calendar::day_of(*since.get(&one.component.id)?, zone);
        Some(one.component.start_date.map_or(first, |start| start.max(first)))
    });
    let range = range(call, known.min(), now, zone)?;
    let mut periods = view.periods(&ids, (range.from, range.until)).await?;
    let window = Window::between(range.first, range.last, range.until.min(now), zone);
    let (mut shares, mut major, mut partial) = (vec![], 0, 0);
    for one in components {
        let periods = periods.remove(&one.component.id).unwrap_or_default();
        let days = window.days(&periods, one.component.start_date);
        shares.extend(uptime::percentage(&days));
        major += days.iter().map(|day| u64::from(day.major)).sum::<u64>();
        partial += days.iter().map(|day| u64::from(day.partial)).sum::<u64>();
    }
    let until = now.min(range.until - TimeDelta::milliseconds(1));
    let warnings = range.warnings.clone();
    let percentage = Percentage::mean(&shares);
    let measured = Measured { from: range.from, until, percentage, major, partial, warnings };
    Ok((range, measured))
}

/// The days that are asked for, as far as they can be: not after today, and nothing that is not known.
fn range(call: &Call, known: Option<NaiveDate>, now: DateTime<Utc>, zone: Tz) -> Result<Range, Problem> {
    let today = calendar::day_of(now, zone);
    let asked = |name: &str| call.text(name).and_then(calendar::first_and_last);
    let mut warnings = vec![];
    let mut last = asked("end").map_or(today, |(_, last)| last);
    if last > today {
        last = today;
        warnings.push(
            "End date was adjusted to today. See range_end field in response for end date used.".to_owned(),
        );
    }
    let shown = calendar::days_until(last, SHOWN_DAYS).next().unwrap_or(last);
    let said = asked("start").map(|(first, _)| first);
    let mut first = said.unwrap_or(shown);
    if first > last {
        return Err(Problem::field("start", format!("allowed is a day up to {last}")));
    }
    if let Some(known) = known.filter(|known| first < *known) {
        if known > last {
            return Err(Problem::field("end", format!("nothing is known before {known}")));
        }
        first = known;
        if said.is_some() {
            warnings.push(
                "Start date was adjusted to the first day that is known. See range_start field in response for \
                 start date used."
                    .to_owned(),
            );
        }
    }
    if first.checked_add_months(MOST_MONTHS).is_some_and(|end| last > end) {
        return Err(Problem::field("start", "allowed are at most six months up to the end"));
    }
    let from = calendar::start_of(first, zone);
    let until = last.succ_opt().map_or(now, |next| calendar::start_of(next, zone));
    Ok(Range { first, last, from, until, warnings })
}
