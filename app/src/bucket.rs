//! A bucket of S3, by the four requests that are needed of it: each signed (Signature Version 4), and
//! none that writes over what somebody else wrote since it was looked at.

use std::{fmt, time::Duration};

use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign,
    },
    sign::v4,
};
use bytes::Bytes;
use reqwest::{
    Client, Method, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH},
};

use crate::{
    aws,
    clock::Clock,
    outbound::{self, NoClient, Reach},
};

const TIMEOUT: Duration = Duration::from_secs(10);
/// More than any answer that is read has.
const MOST_BYTES: usize = 4 << 20;
/// What an object says of itself beside what it holds begins with this.
const METADATA: &str = "x-amz-meta-";

/// Why a bucket did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    #[error("S3 does not answer")]
    Away(#[from] reqwest::Error),
    #[error("no credentials for S3: {0}")]
    Credentials(String),
    #[error("{0} could not be signed")]
    Unsigned(String),
    #[error("S3 answers {status} to {asked}")]
    Refused { asked: String, status: StatusCode },
    /// Somebody else wrote it since it was looked at.
    #[error("{0} was written by somebody else meanwhile")]
    Changed(String),
    #[error("no HTTP client could be made")]
    Client(#[from] NoClient),
}

type Result<T> = std::result::Result<T, BucketError>;

/// A bucket, below a prefix.
#[derive(Clone)]
pub struct Bucket {
    client: Client,
    credentials: SharedCredentialsProvider,
    region: String,
    /// The address of the bucket, without a slash at its end.
    base: String,
    prefix: String,
    clock: Clock,
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket")
            .field("base", &self.base)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// What a bucket says of an object.
#[derive(Clone, Debug)]
pub struct Found {
    etag: String,
    headers: HeaderMap,
}

impl Found {
    /// What the object was written with under this name.
    pub fn metadata(&self, name: &str) -> Option<&str> {
        self.headers.get(format!("{METADATA}{name}"))?.to_str().ok()
    }
}

/// What is written.
#[derive(Clone, Debug)]
pub struct Object {
    pub kind: String,
    pub cache: String,
    pub bytes: Bytes,
}

impl Bucket {
    /// A bucket by its name, and what all keys in it begin with. `AWS_ENDPOINT_URL` names another
    /// place than AWS, where the bucket's name is part of the path.
    pub async fn open(name: &str, prefix: &str, clock: Clock) -> Result<Self> {
        let config = aws::config(None).await;
        let missing =
            |what: &str| BucketError::Credentials(format!("there is no {what}; set AWS_REGION and the like"));
        let region = config.region().map(ToString::to_string).ok_or_else(|| missing("region"))?;
        let base = match config.endpoint_url() {
            Some(endpoint) => format!("{}/{name}", endpoint.trim_end_matches('/')),
            None => format!("https://{name}.s3.{region}.amazonaws.com"),
        };
        Ok(Self {
            client: outbound::client(Reach::Anywhere)?,
            credentials: config.credentials_provider().ok_or_else(|| missing("credential"))?,
            region,
            base,
            prefix: prefix.to_owned(),
            clock,
        })
    }

    /// What there is to know of an object; none where there is none.
    pub async fn look(&self, key: &str) -> Result<Option<Found>> {
        let answer = self.ask(Method::HEAD, key, &[], Bytes::new()).await?;
        Ok(self.known(key, answer)?.map(|(found, _)| found))
    }

    /// An object with what it holds.
    pub async fn read(&self, key: &str) -> Result<Option<(Found, Bytes)>> {
        let answer = self.ask(Method::GET, key, &[], Bytes::new()).await?;
        let Some((found, mut answer)) = self.known(key, answer)? else { return Ok(None) };
        let mut bytes = vec![];
        while let Some(chunk) = answer.chunk().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST_BYTES {
                return Err(self.refused(key, StatusCode::PAYLOAD_TOO_LARGE));
            }
        }
        Ok(Some((found, bytes.into())))
    }

    /// Writes an object in the place of the one that was found, or where none was.
    pub async fn write(
        &self,
        key: &str,
        object: &Object,
        metadata: &[(&str, String)],
        found: Option<&Found>,
    ) -> Result<()> {
        let condition = match found {
            Some(found) => (IF_MATCH, found.etag.clone()),
            None => (IF_NONE_MATCH, "*".to_owned()),
        };
        let mut headers =
            vec![condition, (CONTENT_TYPE, object.kind.clone()), (CACHE_CONTROL, object.cache.clone())];
        for (name, value) in metadata {
            let name = HeaderName::try_from(format!("{METADATA}{name}"));
            headers.push((name.map_err(|_| BucketError::Unsigned(key.to_owned()))?, value.clone()));
        }
        let answer = self.ask(Method::PUT, key, &headers, object.bytes.clone()).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            // Of two who write at once, one is told the second (S3, "conditional writes"); what was
            // found and is not there any more is the third.
            StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT | StatusCode::NOT_FOUND => {
                Err(BucketError::Changed(key.to_owned()))
            }
            status => Err(self.refused(key, status)),
        }
    }

    pub async fn remove(&self, key: &str) -> Result<()> {
        let answer = self.ask(Method::DELETE, key, &[], Bytes::new()).await?;
        match answer.status() {
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            status => Err(self.refused(key, status)),
        }
    }

    fn known(&self, key: &str, answer: Response) -> Result<Option<(Found, Response)>> {
        match answer.status() {
            status if status.is_success() => {
                let headers = answer.headers().clone();
                let etag = headers.get(ETAG).and_then(|etag| etag.to_str().ok());
                let etag = etag.ok_or_else(|| self.refused(key, status))?.to_owned();
                Ok(Some((Found { etag, headers }, answer)))
            }
            // Who may not list is told 403 of what is not there.
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Ok(None),
            status => Err(self.refused(key, status)),
        }
    }

    fn refused(&self, key: &str, status: StatusCode) -> BucketError {
        BucketError::Refused { asked: format!("{}/{}{key}", self.base, self.prefix), status }
    }

    async fn ask(
        &self,
        method: Method,
        key: &str,
        headers: &[(HeaderName, String)],
        body: Bytes,
    ) -> Result<Response> {
        let url = format!("{}/{}{key}", self.base, self.prefix);
        let signature = self.sign(&method, &url, headers, &body).await?;
        let mut request = self.client.request(method, &url).timeout(TIMEOUT);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        Ok(request.body(body).send().await?)
    }

    async fn sign(
        &self,
        method: &Method,
        url: &str,
        headers: &[(HeaderName, String)],
        body: &[u8],
    ) -> Result<Vec<(String, String)>> {
        let credentials = self.credentials.provide_credentials().await;
        let identity = credentials.map_err(|error| BucketError::Credentials(error.to_string()))?.into();
        // As S3 wants it: paths are signed as they are sent, and the body's sum is a header.
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let unsigned = |_| BucketError::Unsigned(url.to_owned());
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("s3")
            .time(self.clock.now().into())
            .settings(settings)
            .build();
        let parameters = parameters.map_err(|_| BucketError::Unsigned(url.to_owned()))?.into();
        let signed = headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let request = SignableRequest::new(method.as_str(), url, signed, SignableBody::Bytes(body));
        let (instructions, _) = sign(request.map_err(unsigned)?, &parameters).map_err(unsigned)?.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}
