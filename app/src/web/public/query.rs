//! What a visitor may ask for behind a question mark, in the one form that answers are kept by.
//! Parameters that nobody knows are ignored; those that are given empty, as forms do, are not there.

use url::form_urlencoded;

use crate::domain::Id;

/// The furthest back that can be asked for, in quarters.
const LAST_PAGE: u32 = 9_999;

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asking {
    /// How many quarters back.
    pub back: u32,
    pub component: Option<Id>,
    pub words: Option<String>,
}

/// A parameter that says what no link of ours says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown;

impl Asking {
    pub fn parse(query: &str) -> Result<Self, Unknown> {
        let mut asking = Self::default();
        let (mut page, mut component) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
            let place = match name.as_ref() {
                "page" => &mut page,
                "component" => &mut component,
                "q" => &mut asking.words,
                _ => continue,
            };
            // The first one counts.
            place.get_or_insert(value.into_owned());
        }
        asking.back = page.map_or(Ok(0), |page| back(&page))?;
        asking.component = component.map(|id| id.parse()).transpose().map_err(|_| Unknown)?;
        Ok(asking)
    }
}

/// A page's number as we write it: no sign, no zero before it.
fn back(page: &str) -> Result<u32, Unknown> {
    let number: u32 = page.parse().map_err(|_| Unknown)?;
    let written = (1..=LAST_PAGE).contains(&number) && number.to_string() == page;
    if written { Ok(number - 1) } else { Err(Unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_each_question() {
        let asked = |query| Asking::parse(query).unwrap();
        assert_eq!(asked(""), Asking::default());
        assert_eq!(asked("page=1&utm_source=x&component=&q="), Asking::default());
        assert_eq!(asked("page=3").back, 2);
        assert_eq!(asked("page=3&page=4").back, 2);
        let both = asked("q=slow+queries%21&component=abc123");
        assert_eq!(
            (both.words.as_deref(), both.component.unwrap().as_str()),
            (Some("slow queries!"), "abc123")
        );
    }

    #[test]
    fn other_forms_are_nowhere() {
        for bad in [
            "page=0",
            "page=01",
            "page=%2B2",
            "page=-1",
            "page=1.0",
            "page=x",
            "page=10000",
            "page=99999999999",
        ] {
            assert_eq!(Asking::parse(bad), Err(Unknown), "{bad}");
        }
        assert_eq!(Asking::parse("component=%3Cx%3E"), Err(Unknown));
    }
}
