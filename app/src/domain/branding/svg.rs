//! What a drawing may hold that is shown as a page's logo: lines and words. A browser that opens its
//! address by itself would run its scripts and load what it names.

use quick_xml::{
    XmlVersion,
    events::{BytesStart, Event},
    name::{Namespace, ResolveResult},
    reader::NsReader,
};

use super::Css;

/// Elements that run, load, or hold what is no drawing. Others are drawn or not known.
const ELEMENTS: [&str; 9] =
    ["audio", "canvas", "embed", "foreignobject", "handler", "iframe", "object", "script", "video"];

/// What is of documents is no drawing, whatever it is called within one: forms, and what leads elsewhere by itself.
const DOCUMENTS: ResolveResult<'static> = ResolveResult::Bound(Namespace(b"http://www.w3.org/1999/xhtml"));

/// Attributes that name something to be loaded or gone to.
const ADDRESSES: [&str; 4] = ["base", "formaction", "href", "src"];

/// Attributes of animations that name another attribute, or what it becomes.
const ANIMATED: &str = "attributename";

/// Pictures that may stand within a drawing: none is a drawing itself.
const PICTURES: [&str; 4] = ["data:image/gif;", "data:image/jpeg;", "data:image/png;", "data:image/webp;"];

/// Looks for what a drawing may not hold; says what was found. That it is XML is known.
pub fn harmless(text: &str) -> Result<(), String> {
    let mut reader = NsReader::from_str(text);
    let mut style: Option<String> = None;
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|error| error.to_string())?;
        if namespace == DOCUMENTS {
            return Err("an element of documents (XHTML)".into());
        }
        match event {
            Event::Start(tag) => {
                element(&tag)?;
                if name(tag.local_name().as_ref()) == "style" {
                    style = Some(String::new());
                }
            }
            Event::Empty(tag) => element(&tag)?,
            Event::Text(text) => {
                style.iter_mut().for_each(|style| *style += &String::from_utf8_lossy(&text));
            }
            Event::CData(text) => {
                style.iter_mut().for_each(|style| *style += &String::from_utf8_lossy(&text));
            }
            Event::GeneralRef(_) if style.is_some() => return Err("an entity in its style".into()),
            Event::End(_) => {
                if let Some(style) = style.take() {
                    css(&style).map_err(|why| format!("in its style, {why}"))?;
                }
            }
            Event::DocType(text) if text.contains(&b'[') => return Err("entities of its own".into()),
            Event::PI(_) => return Err("an instruction such as <?xml-stylesheet?>".into()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn name(local: &[u8]) -> String {
    String::from_utf8_lossy(local).to_ascii_lowercase()
}

fn element(tag: &BytesStart<'_>) -> Result<(), String> {
    let element = name(tag.local_name().as_ref());
    if ELEMENTS.contains(&element.as_str()) {
        return Err(format!("the element <{element}>"));
    }
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let key = name(attribute.key.local_name().as_ref());
        let value = attribute
            .decoded_and_normalized_value(XmlVersion::default(), tag.decoder())
            .map_err(|error| error.to_string())?;
        let moves = key == ANIMATED && is_live(&name(value.as_bytes()));
        if key.starts_with("on") || moves {
            return Err(format!("the attribute {key} of <{element}>"));
        }
        let address = value.trim();
        let is_within = || {
            let begins =
                |with: &&str| address.get(..with.len()).is_some_and(|b| b.eq_ignore_ascii_case(with));
            address.starts_with('#') || PICTURES.iter().any(begins)
        };
        let is_namespace = attribute.key.as_ref().starts_with(b"xmlns");
        if ADDRESSES.contains(&key.as_str()) && !is_namespace && !is_within() {
            return Err(format!("the address in {key} of <{element}>"));
        }
        let may_load = value.contains('\\') || value.to_ascii_lowercase().contains("url");
        if (key == "style" || may_load) && !is_namespace && !value.trim().is_empty() {
            css(&format!("x{{x:{value}}}")).map_err(|why| format!("in {key} of <{element}>, {why}"))?;
        }
    }
    Ok(())
}

/// Whether to set an attribute of this name would make something run or load.
fn is_live(attribute: &str) -> bool {
    let local = attribute.rsplit(':').next().unwrap_or_default().trim();
    local.starts_with("on") || ADDRESSES.contains(&local)
}

/// As a style sheet of the page's own, but for what a page has and a drawing has not.
fn css(text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Ok(());
    }
    if text.contains("/assets/") {
        return Err("an address of the page".into());
    }
    text.parse::<Css>().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(inside: &str) -> String {
        let head = "xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"";
        harmless(&format!("<svg {head}>{inside}</svg>")).err().unwrap_or_default()
    }

    #[test]
    fn what_is_drawn_stays() {
        for good in [
            "<style>.a { fill: #123456 } @media print { .a { fill: url(#g) } }</style><path class=\"a\" d=\"M0 0\"/>",
            "<style><![CDATA[.a > .b { fill: red }]]></style>",
            "<defs><linearGradient id=\"g\" xlink:href=\"#h\"/></defs><path fill=\"url(#g)\" style=\"opacity:.5\"/>",
            "<image href=\"data:image/png;base64,AAAA\"/><text>url(https://example.com) onload=</text>",
            "<metadata xmlns:i=\"http://www.inkscape.org/namespaces/inkscape\"><i:path/></metadata>",
            "<animate attributeName=\"opacity\" from=\"0\" to=\"1\"/>",
        ] {
            assert_eq!(found(good), "", "{good}");
        }
    }

    #[test]
    fn what_runs_or_loads_is_named() {
        for (bad, what) in [
            ("<script>alert(1)</script>", "<script>"),
            (
                "<x:meta xmlns:x=\"http://www.w3.org/1999/xhtml\" http-equiv=\"refresh\" content=\"0;//e\"/>",
                "XHTML",
            ),
            ("<form xmlns=\"http://www.w3.org/1999/xhtml\" action=\"//e\"></form>", "XHTML"),
            ("<g xmlns:h=\"http://www.w3.org/1999/xhtml\"><h:img srcset=\"//e\"/></g>", "XHTML"),
            ("<x:Script xmlns:x=\"http://www.w3.org/2000/svg\"/>", "<script>"),
            ("<path onload=\"alert(1)\"/>", "onload of <path>"),
            ("<foreignObject><p>x</p></foreignObject>", "<foreignobject>"),
            ("<image href=\"https://evil.example/a.png\"/>", "href of <image>"),
            ("<use xlink:href=\"/a.svg#b\"/>", "href of <use>"),
            ("<a href=\"java&#115;cript:alert(1)\"/>", "href of <a>"),
            ("<image href=\"data:image/svg+xml;base64,AAAA\"/>", "href of <image>"),
            ("<set attributeName=\"onload\" to=\"x\"/>", "attributename of <set>"),
            ("<animate attributeName=\"xlink:href\" values=\"#a;x\"/>", "attributename of <animate>"),
            ("<path fill=\"url(https://evil.example/#a)\"/>", "fill of <path>"),
            ("<path style=\"fill:u\\72l(//evil.example)\"/>", "style of <path>"),
            ("<style>@import 'https://evil.example';</style>", "@import"),
            ("<style>@imp&#111;rt 'x';</style>", "entity"),
            ("<?xml-stylesheet href=\"https://evil.example\"?>", "instruction"),
        ] {
            let found = found(bad);
            assert!(found.contains(what), "{bad}: {found:?}");
        }
        assert!(harmless("<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>").is_err());
        assert!(harmless("<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"svg11.dtd\"><svg/>").is_ok());
    }
}
