//! One request, and whether its answer is what it should be: never by its status alone.

use goose::prelude::*;
use reqwest::{
    RequestBuilder,
    header::{CONTENT_ENCODING, ETAG, HeaderMap},
};

/// What came back of a request that went well.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Empty where it was sent in a coding that nobody here reads.
    pub text: String,
}

impl Answer {
    /// A page that is there whole, as far as it can be read.
    pub fn is_page(&self) -> bool {
        self.status == 200
            && (self.is_coded() || (self.text.contains("<main") && self.text.contains("</html>")))
    }

    pub fn says(&self, word: &str) -> bool {
        self.status == 200 && self.text.contains(word)
    }

    pub fn etag(&self) -> Option<String> {
        Some(self.headers.get(ETAG)?.to_str().ok()?.to_owned())
    }

    fn is_coded(&self) -> bool {
        self.headers.contains_key(CONTENT_ENCODING)
    }
}

/// Asks under this name, and counts it as failed where `right` does not hold.
///
/// # Errors
/// When it failed, which goose counts by itself.
pub async fn ask(
    user: &mut GooseUser,
    name: &str,
    request: RequestBuilder,
    right: impl FnOnce(&Answer) -> bool,
) -> Result<Answer, Box<TransactionError>> {
    let request = GooseRequest::builder().name(name).set_request_builder(request).build();
    let mut asked = user.request(request).await?;
    let response = asked.response?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await?;
    let coded = headers.contains_key(CONTENT_ENCODING);
    let text = if coded { String::new() } else { String::from_utf8_lossy(&bytes).into_owned() };
    let answer = Answer { status, headers, text };
    if right(&answer) {
        // Some answers are meant to be no success.
        user.set_success(&mut asked.request)?;
        return Ok(answer);
    }
    let said = format!("{name}: {status}, {} bytes, and not what it should be", bytes.len());
    match user.set_failure(&said, &mut asked.request, Some(&answer.headers), None) {
        Err(failed) => Err(failed),
        Ok(()) => Err(Box::new(TransactionError::Custom(said))),
    }
}
