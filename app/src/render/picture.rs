//! The picture that chats and social sites show of the page (ogp.me): what it says now, in words,
//! colour and sign.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    badges::{page_status, page_tone, widths},
    page::{headline::headline, layout::lighthouse, tone::Tone, view::View},
    plain::plain,
    raster::{FAMILY, can_write},
};
use crate::{
    domain::{calendar, state::LiveState},
    locale::Texts,
};

/// The size that previews are cut to nowhere.
pub const WIDTH: u32 = 1200;
pub const HEIGHT: u32 = 630;

/// Where texts begin and end.
const LEFT: f32 = 80.0;
const COLUMN: f32 = 900.0;
/// How much wider the bold font is than the one that the widths were measured of.
const BOLD: f32 = 1.16;

/// The picture as a drawing. It moves with what the page says and with the day, not with each
/// revision, so that it is seldom painted anew.
pub fn picture(state: &LiveState, as_of: DateTime<Utc>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let tone = page_tone(state);
    let day = texts.date(calendar::day_of(as_of, view.zone));
    let said = written(&headline(view).title, 300).unwrap_or_else(|| page_status(tone, texts));
    let (size, lines) = wrapped(&said);
    let below = 292.0 + lines.len() as f32 * size * 1.2;
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } font-family=(FAMILY) {
            style { (style(tone)) }
            path fill=(tone.frame().0) d="M0 0h1200v630H0z" {}
            g transform="translate(0 186)" { (lighthouse()) }
            path fill=(tone.glow()) d="M0 618h1200v12H0z" {}
            (line(&named(state), 112.0, 40.0, "#15212b"))
            g transform="translate(80 172) scale(4.5)" { (tone.paths()) }
            @for (number, text) in lines.iter().enumerate() {
                (line(text, 322.0 + number as f32 * size * 1.2, size, "#15212b"))
            }
            (line(&texts.with("as-of", [("time", day.into())]), below + 24.0, 30.0, "#46535f"))
        }
    }
    .into_string()
}

/// The colours of the lighthouse, which the pages take from their stylesheet.
fn style(tone: Tone) -> String {
    let glow = tone.glow();
    format!(
        "stop{{stop-color:{glow};stop-opacity:0}}.near{{stop-opacity:.45}}.beam{{fill:url(#beam)}}\
         .rock{{fill:#33475a}}.tower{{fill:#fff}}.lamp{{fill:{glow}}}"
    )
}

/// A line of text; one that begins from the right ends where the others begin.
fn line(text: &str, y: f32, size: f32, colour: &str) -> Markup {
    let (x, anchor) = if is_from_the_right(text) { (LEFT + COLUMN, "end") } else { (LEFT, "start") };
    html! { text x=(x) y=(y) font-size=(size) font-weight="bold" fill=(colour) text-anchor=(anchor) { (text) } }
}

/// Whether the first letter is Hebrew or Arabic.
fn is_from_the_right(text: &str) -> bool {
    text.chars().find(|c| c.is_alphabetic()).is_some_and(|c| matches!(u32::from(c), 0x590..=0x8ff))
}

/// The page's name as far as it can be written, else the host of its address.
fn named(state: &LiveState) -> String {
    let name = written(&state.page.name, 120).or_else(|| {
        let host = url::Url::parse(&state.page.url).ok()?.host_str()?.to_owned();
        Some(plain(&host, 120))
    });
    fitted(&name.unwrap_or_default(), 40.0)
}

/// The text without the characters that the fonts lack; none if that is most of it.
fn written(text: &str, most: usize) -> Option<String> {
    let text = plain(text, most);
    let kept: String = text.chars().filter(|c| can_write(*c)).collect();
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    (letters(&kept) * 2 > letters(&text)).then(|| plain(&kept, most))
}

/// The text in at most three lines, as large as it can be written in them.
fn wrapped(text: &str) -> (f32, Vec<String>) {
    const SIZES: [f32; 3] = [72.0, 60.0, 48.0];
    for size in SIZES {
        let lines = lines(text, size);
        if lines.len() <= 3 && lines.iter().all(|line| fits(line, size)) {
            return (size, lines);
        }
    }
    let mut cut = lines(text, SIZES[2]);
    if cut.len() > 3 {
        cut.truncate(3);
        cut[2].push('…');
    }
    (SIZES[2], cut.iter().map(|line| fitted(line, SIZES[2])).collect())
}

fn lines(text: &str, size: f32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if line.is_empty() || fits(&longer, size) { *line = longer } else { lines.push(word.to_owned()) }
    }
    lines
}

fn fits(text: &str, size: f32) -> bool {
    widths::width(text, size) * BOLD <= COLUMN
}

/// The text cut to one line.
fn fitted(text: &str, size: f32) -> String {
    let mut most = text.chars().count();
    let mut cut = text.to_owned();
    while !fits(&cut, size) && most > 1 {
        most -= 1;
        cut = plain(text, most);
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        locale,
        render::{page::sample, raster},
    };

    fn texts_of(svg: &str) -> Vec<String> {
        let tree = resvg::usvg::roxmltree::Document::parse(svg).unwrap();
        let texts =
            tree.descendants().filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")));
        texts.filter_map(|node| node.text().map(str::to_owned)).collect()
    }

    #[test]
    fn it_says_whose_page_it_is_and_what_is_the_matter() {
        let state = sample::troubled();
        let svg = picture(&state, sample::as_of(), locale::fallback());
        let texts = texts_of(&svg);
        assert_eq!(texts[0], "Example");
        assert_eq!(
            texts[1..texts.len() - 1].join(" "),
            "Query engine is partly down and Exports is degraded"
        );
        assert_eq!(texts.last().unwrap(), "As of 22 November 2026");
        let png = raster::png(&svg, WIDTH).unwrap();
        assert_eq!(png[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "1200 by 630");
    }

    #[test]
    fn names_stay_text_and_what_cannot_be_written_is_said_otherwise() {
        let mut state = sample::troubled();
        for name in
            ["</text><image href=\"file:///etc/passwd\"/>", "日本語のステータス", "🔥", "", "\u{0}\u{1b}"]
        {
            state.page.name = name.into();
            state.components[7].name = name.repeat(40);
            let svg = picture(&state, sample::as_of(), locale::fallback());
            let texts = texts_of(&svg);
            assert!(texts.len() >= 3 && texts.len() <= 5, "{texts:?}");
            assert!(raster::png(&svg, WIDTH).is_some(), "{name}");
            assert!(!svg.contains("<image"));
        }
        assert!(named(&state).starts_with("status.example.com"));
    }

    #[test]
    fn long_words_are_cut_and_lines_are_three() {
        let (size, lines) = wrapped(&"Donaudampfschifffahrtsgesellschaft ".repeat(9));
        assert_eq!((size, lines.len()), (48.0, 3));
        assert!(lines.iter().all(|line| fits(line, size)), "{lines:?}");
        let (_, lines) = wrapped(&"x".repeat(300));
        assert!(lines.len() == 1 && lines[0].ends_with('…') && fits(&lines[0], 48.0));
        assert!(is_from_the_right("‏שלום API") && !is_from_the_right("API שלום"));
    }
}
