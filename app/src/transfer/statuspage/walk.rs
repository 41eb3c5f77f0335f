//! Walking through the pages of a history (`/history.json?page=N`), each a quarter earlier, until
//! nothing earlier can be expected.

use std::collections::BTreeSet;

use chrono::{DateTime, Months, NaiveDate, Utc};

use super::{
    fetch::{Asking, said},
    history::{self, History},
    report::Report,
    sources::Source,
};
use crate::domain::Id;

/// The most pages of the history, twenty years of them.
const MOST_PAGES: usize = 80;
/// A page that does not say when it was made may have been quiet for as long: five years.
const QUIET: usize = 20;

/// How far a walk has come.
#[derive(Debug, Default)]
struct Walk {
    /// The first month that was read.
    back_to: Option<NaiveDate>,
    created_at: Option<DateTime<Utc>>,
    quiet: usize,
    pages: usize,
}

impl Walk {
    /// Takes the next page; says why it is the last one, if it is.
    fn step(&mut self, page: &History) -> Result<(), String> {
        let earlier = page.first_month().or_else(|| self.back_to?.checked_sub_months(Months::new(3)));
        if self.back_to.is_some() && earlier >= self.back_to {
            return Err(
                "the page shows the same months whichever are asked for, so nothing earlier can be had"
                    .into(),
            );
        }
        self.pages += 1;
        self.back_to = earlier;
        self.created_at = self.created_at.or(page.created_at);
        self.quiet = if page.is_empty() { self.quiet + 1 } else { 0 };
        let made = self.created_at.map(|at| at.date_naive());
        if self.quiet > 0 && made.is_some_and(|made| earlier.is_some_and(|first| first <= made)) {
            return Err("which is before the page was made".into());
        }
        if self.quiet >= QUIET {
            return Err(format!("since there was no incident in {QUIET} quarters"));
        }
        if self.pages == MOST_PAGES {
            return Err(format!("the most that are read are {MOST_PAGES} quarters"));
        }
        Ok(())
    }

    fn so_far(&self) -> String {
        let month =
            self.back_to.map_or_else(|| "the present".to_owned(), |month| month.format("%B %Y").to_string());
        format!("the history was read back to {month}")
    }
}

/// Reads the pages of the history, newest first; the incidents that they name.
pub async fn history(asking: &Asking, found: &mut Vec<Source>, report: &mut Report) -> BTreeSet<Id> {
    let (mut codes, mut walk) = (BTreeSet::new(), Walk::default());
    for number in 1.. {
        said(&format!("history, page {number}"));
        let path = format!("/history.json?page={number}");
        let answered = if number == 1 { asking.for_text(&path).await } else { asking.for_page(&path).await };
        let asked = answered.is_ok();
        let Some(source) = asking.or_missing(answered, report) else {
            if !asked {
                report
                    .notes
                    .push(format!("{}, and not beyond, since its next page can't be had", walk.so_far()));
            } else {
                report.notes.push(
                    "the page has no history.json: what is older than its documents is not known".into(),
                );
            }
            break;
        };
        let read = serde_json::from_str(&source.text).map_err(anyhow::Error::from);
        let page = match read.and_then(|page| history::read(&page)) {
            Ok((_, page)) => page,
            Err(error) => {
                report.missing.push(format!("{}: no page of a history: {error:#}", source.name));
                report.notes.push(walk.so_far());
                break;
            }
        };
        let stepped = walk.step(&page);
        // One quiet page says what the page is called, and which components it has.
        let is_new = page.codes().any(|code| !codes.contains(code));
        codes.extend(page.codes().cloned());
        if number == 1 || is_new {
            found.push(source);
        }
        if let Err(why) = stepped {
            report.notes.push(format!("{}: {why}", walk.so_far()));
            break;
        }
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(first: Option<(i32, u32)>, created: Option<&str>, quiet: bool) -> History {
        let text = include_str!("../../../tests/fixtures/recorded/streamyard.history-index.json");
        let mut page: serde_json::Value = serde_json::from_str(text).unwrap();
        let incident = serde_json::json!({"code": "a", "name": "A", "timestamp": "Apr 2, 10:00 UTC"});
        let incidents = if quiet { vec![] } else { vec![incident] };
        let month = |(year, month)| {
            let name = NaiveDate::from_ymd_opt(year, month, 1).unwrap().format("%B").to_string();
            serde_json::json!({"name": name, "year": year, "incidents": incidents})
        };
        page["months"] = first.map(month).into_iter().collect();
        page["page_status"]["page"]["created_at"] = created.into();
        history::read(&page).unwrap().1
    }

    #[test]
    fn a_source_that_knows_no_pages_is_told() {
        let mut walk = Walk::default();
        assert!(walk.step(&page(Some((2026, 10)), None, false)).is_ok());
        let why = walk.step(&page(Some((2026, 10)), None, false)).unwrap_err();
        assert!(why.contains("same months"), "{why}");
        assert_eq!(walk.so_far(), "the history was read back to October 2026");
    }

    #[test]
    fn a_long_quiet_is_no_end_before_the_page_was_made() {
        let mut walk = Walk::default();
        let quarter = |back: i32| {
            let quarters = 2026 * 4 + 3 - back;
            Some((quarters.div_euclid(4), u32::try_from(quarters.rem_euclid(4)).unwrap() * 3 + 1))
        };
        for back in 0..12 {
            let made = Some("2022-05-01T00:00:00Z");
            assert!(walk.step(&page(quarter(back), made, true)).is_ok(), "{back}");
        }
        let mut walk = Walk { back_to: None, quiet: 0, ..walk };
        assert!(walk.step(&page(Some((2022, 7)), None, true)).is_ok());
        assert!(
            walk.step(&page(Some((2022, 4)), None, true)).unwrap_err().contains("before the page was made")
        );
        let mut unsaid = Walk::default();
        let quiet = (0..).take_while(|back| unsaid.step(&page(quarter(*back), None, true)).is_ok()).count();
        assert_eq!(quiet + 1, QUIET);
        assert!(Walk::default().step(&page(None, None, false)).is_ok(), "a page without months is one");
    }
}
