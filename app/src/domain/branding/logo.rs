//! A picture that stands for the page's owner.

use base64::{Engine, engine::general_purpose::STANDARD};
use quick_xml::{Reader, events::Event};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::svg;

/// The bytes that a logo may have.
const LARGEST: usize = 64 * 1024;

/// The kinds of picture that every browser shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogoType {
    Svg,
    Png,
    Webp,
    Jpeg,
}

/// A picture of one of these kinds, and of no other: its first bytes were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Kept", into = "Kept")]
pub struct Logo {
    media_type: LogoType,
    bytes: Vec<u8>,
}

/// As it stands in json.
#[derive(Serialize, Deserialize)]
struct Kept {
    media_type: LogoType,
    /// Base64 (RFC 4648, section 4).
    data: String,
}

impl LogoType {
    /// The end of a file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Webp => "webp",
            Self::Jpeg => "jpg",
        }
    }

    /// What a picture is, by what it begins with.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            _ => is_svg(bytes).then_some(Self::Svg),
        }
    }
}

/// Whether a text is XML to its end, and a drawing.
fn is_svg(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let mut reader = Reader::from_str(text);
    let (mut open, mut drawing) = (0u32, None);
    loop {
        let event = reader.read_event();
        if let Ok(Event::Start(tag) | Event::Empty(tag)) = &event {
            drawing = drawing.or(Some(tag.local_name().as_ref() == b"svg"));
        }
        match event {
            Ok(Event::Start(_)) => open += 1,
            Ok(Event::End(_)) => open = open.saturating_sub(1),
            Ok(Event::Eof) => return drawing == Some(true) && open == 0,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
}

impl Logo {
    /// A picture from its bytes.
    pub fn of(bytes: Vec<u8>) -> Result<Self, String> {
        let kind = if bytes.len() > LARGEST { None } else { LogoType::of(&bytes) };
        let allowed = || format!("allowed is an SVG, PNG, WebP or JPEG of at most {} KiB", LARGEST / 1024);
        let media_type = kind.ok_or_else(allowed)?;
        if media_type == LogoType::Svg {
            let text = std::str::from_utf8(&bytes).map_err(|_| allowed())?;
            svg::harmless(text).map_err(|found| {
                format!("the drawing holds {found}; allowed is one without scripts, handlers of events, foreign content and addresses elsewhere")
            })?;
        }
        Ok(Self { media_type, bytes })
    }

    pub fn media_type(&self) -> LogoType {
        self.media_type
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name of its file, which says its content: what is served under it never changes.
    pub fn file_name(&self) -> String {
        format!("logo-{}.{}", &self.hash()[..16], self.media_type.extension())
    }

    fn hash(&self) -> String {
        Sha256::digest(&self.bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(super) fn audited(&self) -> Value {
        json!({"media_type": self.media_type, "bytes": self.bytes.len(), "sha256": self.hash()})
    }
}

impl TryFrom<Kept> for Logo {
    type Error = String;

    fn try_from(kept: Kept) -> Result<Self, String> {
        let bytes = STANDARD.decode(kept.data).map_err(|_| "data: allowed is base64".to_owned())?;
        let logo = Self::of(bytes)?;
        if logo.media_type == kept.media_type {
            Ok(logo)
        } else {
            Err(format!("media_type: the picture is {}", logo.media_type.extension()))
        }
    }
}

impl From<Logo> for Kept {
    fn from(logo: Logo) -> Self {
        Self { media_type: logo.media_type, data: STANDARD.encode(&logo.bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(bytes: &[u8]) -> Option<LogoType> {
        Logo::of(bytes.to_vec()).ok().map(|logo| logo.media_type())
    }

    #[test]
    fn pictures_are_known_by_their_content() {
        assert_eq!(kind(b"\x89PNG\r\n\x1a\n...."), Some(LogoType::Png));
        assert_eq!(kind(b"\xff\xd8\xff\xe0...."), Some(LogoType::Jpeg));
        assert_eq!(kind(b"RIFF\0\0\0\0WEBPVP8 "), Some(LogoType::Webp));
        let drawing = b"<?xml version=\"1.0\"?><!-- a --><svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"\"/></svg>";
        assert_eq!(kind(drawing), Some(LogoType::Svg));
        for bad in [
            &b""[..],
            b"GIF89a",
            b"<html><svg/></html>",
            b"<svg>",
            b"<svg></b></svg>",
            b"\xff\xfe<svg/>",
            b"%PDF-1.7",
        ] {
            assert_eq!(kind(bad), None, "{}", String::from_utf8_lossy(bad));
        }
    }

    #[test]
    fn a_logo_is_small() {
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        png.resize(LARGEST, 0);
        assert!(Logo::of(png.clone()).is_ok());
        png.push(0);
        assert!(Logo::of(png).unwrap_err().contains("at most 64 KiB"));
    }

    #[test]
    fn its_name_says_its_content_and_json_must_tell_the_truth() {
        let logo = Logo::of(b"<svg/>".to_vec()).unwrap();
        assert_eq!(logo.file_name().len(), "logo-0123456789abcdef.svg".len());
        assert!(logo.file_name().ends_with(".svg"));
        assert_ne!(logo.file_name(), Logo::of(b"<svg />".to_vec()).unwrap().file_name());
        let mut kept = serde_json::to_value(&logo).unwrap();
        assert_eq!(serde_json::from_value::<Logo>(kept.clone()).unwrap(), logo);
        kept["media_type"] = "png".into();
        assert!(serde_json::from_value::<Logo>(kept).is_err());
        assert!(serde_json::from_value::<Logo>(json!({"media_type": "svg", "data": "*"})).is_err());
    }
}
