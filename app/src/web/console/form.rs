//! What a form or a query says: names and values in the order in which they were sent.

use actix_web::web::Bytes;
use futures_util::stream;
use serde::{Deserialize, Serialize};

/// The largest form: three texts of an incident fit well.
pub const LARGEST: usize = 512 * 1024;
/// The most fields: a status for each of many components.
const MOST_FIELDS: usize = 12_000;
/// Fields that are never kept or sent back.
const SECRET: &[&str] = &["password", "new_password", "code", "csrf", "kept", "credential", "state"];

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form(pub Vec<(String, String)>);

impl Form {
    /// Reads what is encoded as in an address; none that has too many fields.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(bytes)
            .take(MOST_FIELDS + 1)
            .map(|(n, v)| (n.into_owned(), v.into_owned()))
            .collect();
        (fields.len() <= MOST_FIELDS).then_some(Self(fields))
    }

    /// What a field says, without blanks around it; nothing, where it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The same to the letter, as a password is.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(field, _)| field == name)
    }

    /// Fields such as `status.ID`: what stands behind the dot, and the value.
    pub fn among<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| {
            Some((name.strip_prefix(prefix)?.strip_prefix('.')?, value.trim()))
        })
    }

    /// Without what is secret, to be sent back to whoever typed it.
    pub fn without_secrets(&self) -> Self {
        let open = |(name, _): &&(String, String)| !SECRET.contains(&name.as_str());
        Self(self.0.iter().filter(open).cloned().collect())
    }
}

/// A file that was sent with a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub field: String,
    pub bytes: Vec<u8>,
}

/// The most parts of a form that files are sent with.
const MOST_PARTS: usize = 30;

/// Reads a form that files are sent with (RFC 7578); nothing, if it is none or has too many parts. A
/// file that nobody chose is left out.
pub async fn with_files(content_type: &str, bytes: Vec<u8>) -> Option<(Form, Vec<File>)> {
    let boundary = multer::parse_boundary(content_type).ok()?;
    let whole = stream::once(async move { Ok::<_, std::convert::Infallible>(Bytes::from(bytes)) });
    let mut parts = multer::Multipart::new(whole, boundary);
    let (mut form, mut files) = (Form::default(), vec![]);
    while let Some(part) = parts.next_field().await.ok()? {
        if form.0.len() + files.len() == MOST_PARTS {
            return None;
        }
        let field = part.name()?.to_owned();
        if part.file_name().is_some() {
            let bytes = part.bytes().await.ok()?.to_vec();
            files.extend((!bytes.is_empty()).then_some(File { field, bytes }));
        } else {
            form.0.push((field, part.text().await.ok()?));
        }
    }
    Some((form, files))
}

/// A form that could not be acted on, to be gone on with later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub path: String,
    pub form: Form,
}

impl Kept {
    /// What a hidden field holds. A path that leads elsewhere is none.
    pub fn read(text: &str) -> Option<Self> {
        let kept: Self = serde_json::from_str(text).ok()?;
        own_path(&kept.path).map(|path| Self { path: path.to_owned(), form: kept.form.without_secrets() })
    }

    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A path within the console; nothing that a browser could take for another site's address.
pub fn own_path(text: &str) -> Option<&str> {
    let within = text == "/admin" || text.starts_with("/admin/") || text.starts_with("/admin?");
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (within && plain && text.len() <= 2_000 && !text.contains("..")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_console() {
        for own in ["/admin", "/admin/pages/a/incidents?said=posted", "/admin?x=1"] {
            assert_eq!(own_path(own), Some(own));
        }
        for other in [
            "",
            "/",
            "//evil.test",
            "/administrator",
            "https://evil.test/admin",
            "/admin\\..",
            "/admin/../v1",
            "/admin/\r\nSet-Cookie: a=b",
            "javascript:alert(1)",
        ] {
            assert_eq!(own_path(other), None, "{other:?}");
        }
    }

    #[tokio::test]
    async fn files_come_with_a_form() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"a.png\"\r\n\r\n\u{1}\u{2}\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"none\"; filename=\"\"\r\n\r\n\r\n--x--\r\n";
        let content_type = "multipart/form-data; boundary=x";
        let (form, files) = with_files(content_type, body.as_bytes().to_vec()).await.unwrap();
        assert_eq!(form.text("csrf"), "abc");
        assert_eq!(files, [File { field: "logo".into(), bytes: vec![1, 2] }]);
        for (content_type, body) in
            [("text/plain", body), (content_type, "--x\r\n"), (content_type, "no form")]
        {
            assert_eq!(with_files(content_type, body.as_bytes().to_vec()).await, None, "{body:?}");
        }
        let many = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(31) + "--x--\r\n";
        assert_eq!(with_files(content_type, many.into_bytes()).await, None);
    }

    #[test]
    fn secrets_are_not_kept() {
        let form = Form::parse(b"name=a&password=b&csrf=c&status.x=down&status.y=up").unwrap();
        assert_eq!(form.among("status").collect::<Vec<_>>(), [("x", "down"), ("y", "up")]);
        let kept = Kept { path: "/admin/account".into(), form: form.clone() };
        let read = Kept::read(&kept.write()).unwrap();
        assert_eq!(read.form, form.without_secrets());
        assert!(!read.form.has("password") && read.form.has("name"));
        let elsewhere = Kept { path: "https://evil.test".into(), form };
        assert_eq!(Kept::read(&elsewhere.write()), None);
    }
}
