//! Messages of Amazon SNS: who signed them, and whether they are for this key.

use std::time::Duration;

use actix_web::http::StatusCode;
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use moka::future::Cache;
use ring::signature;
use rustls::pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, alg_id,
    pem::PemObject,
};
use url::Url;

use super::{call::Call, problem::Problem};
use crate::{
    domain::alert::{AlertKey, Heard},
    outbound::{self, Reach},
    wire::alerts::{SnsBody, SnsKind},
};

/// How long AWS may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest certificate.
const LARGEST: usize = 64 * 1024;
/// How many certificates are kept, and how long.
const KEPT: u64 = 16;
const KEPT_FOR: Duration = Duration::from_secs(24 * 3600);
/// SNS tries for an hour; what is older was recorded and is played back.
const OLDEST: TimeDelta = TimeDelta::hours(2);

/// The certificates of AWS that were fetched lately.
#[derive(Debug)]
pub struct Certificates {
    known: Cache<String, Vec<u8>>,
    /// An address that is asked in the place of AWS.
    instead: Option<String>,
}

impl Certificates {
    pub fn new(instead: Option<String>) -> Self {
        Self { known: Cache::builder().max_capacity(KEPT).time_to_live(KEPT_FOR).build(), instead }
    }

    /// Asks AWS for what is behind one of its addresses.
    async fn fetch(&self, url: &Url) -> Result<Vec<u8>, Problem> {
        let (url, reach) = match &self.instead {
            None => (url.to_string(), Reach::PublicDirect),
            Some(instead) => (format!("{instead}{}", url.path()), Reach::Anywhere),
        };
        let client = outbound::client(reach).map_err(away)?;
        let answer = outbound::traced(client.get(&url)).timeout(PATIENCE).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let mut answer = answer.map_err(|error| away(error.without_url()))?;
        let mut bytes = vec![];
        while let Some(chunk) = answer.chunk().await.map_err(|error| away(error.without_url()))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > LARGEST {
                return Err(forged("SigningCertURL"));
            }
        }
        Ok(bytes)
    }

    async fn certificate(&self, url: &Url) -> Result<Vec<u8>, Problem> {
        if let Some(known) = self.known.get(url.as_str()).await {
            return Ok(known);
        }
        let pem = self.fetch(url).await?;
        let der = CertificateDer::from_pem_slice(&pem).map_err(|_| forged("SigningCertURL"))?.to_vec();
        self.known.insert(url.to_string(), der.clone()).await;
        Ok(der)
    }
}

/// What a message says of an alert, if it is AWS that says it, on the topic of this key. The
/// subscription of a topic is confirmed.
pub async fn message(call: &Call, key: &AlertKey) -> Result<Option<Heard>, Problem> {
    let body: SnsBody = call.read_foreign()?;
    let algorithm = algorithm(&body.signature_version)?;
    let url = own_address("SigningCertURL", &body.signing_cert_url)?;
    if !is_certificate(&url) {
        return Err(forged("SigningCertURL"));
    }
    let now = call.api.store.now();
    let recent = body.sent_at().is_some_and(|at| (now - OLDEST..=now + OLDEST).contains(&at));
    if !recent {
        return Err(forged("Timestamp"));
    }
    check(&body, algorithm, &call.api.certificates.certificate(&url).await?)?;
    if key.topic_arn.is_none() && body.kind != SnsKind::SubscriptionConfirmation {
        return Err(forged("TopicArn"));
    }
    if !call.api.store.record().tie_to_topic(&key.id, &body.topic_arn).await? {
        return Err(forged("TopicArn"));
    }
    match body.kind {
        SnsKind::Notification => Ok(body.heard()),
        SnsKind::UnsubscribeConfirmation => Ok(None),
        SnsKind::SubscriptionConfirmation => {
            let url = body.subscribe_url.as_deref().unwrap_or_default();
            call.api.certificates.fetch(&own_address("SubscribeURL", url)?).await?;
            Ok(None)
        }
    }
}

type Algorithm = &'static dyn SignatureVerificationAlgorithm;

/// A topic signs by its attribute SignatureVersion, which is 1 where nobody set it.
fn algorithm(version: &str) -> Result<Algorithm, Problem> {
    match version {
        "1" => Ok(&RsaSha1),
        "2" => Ok(webpki::ring::RSA_PKCS1_2048_8192_SHA256),
        _ => Err(Problem::field("SignatureVersion", "allowed are 1 and 2")),
    }
}

fn check(body: &SnsBody, algorithm: Algorithm, certificate: &[u8]) -> Result<(), Problem> {
    let signature = STANDARD.decode(&body.signature).map_err(|_| forged("Signature"))?;
    let der = CertificateDer::from(certificate);
    let certificate = webpki::EndEntityCert::try_from(&der).map_err(|_| forged("SigningCertURL"))?;
    certificate
        .verify_signature(algorithm, body.signed().as_bytes(), &signature)
        .map_err(|_| forged("Signature"))
}

/// What webpki leaves out, since certificates must not be signed so any more. Here it is safe enough: two
/// messages of one hash would have to be signed by AWS with the same topic and message id.
#[derive(Debug)]
struct RsaSha1;

impl SignatureVerificationAlgorithm for RsaSha1 {
    fn verify_signature(&self, key: &[u8], message: &[u8], signed: &[u8]) -> Result<(), InvalidSignature> {
        signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, key)
            .verify(message, signed)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::RSA_ENCRYPTION
    }

    /// sha1WithRSAEncryption, RFC 8017.
    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        AlgorithmIdentifier::from_slice(b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00")
    }
}

/// An address of SNS itself: https, and a host such as sns.eu-central-1.amazonaws.com.
fn own_address(field: &str, text: &str) -> Result<Url, Problem> {
    let url = Url::parse(text).ok().filter(is_own);
    url.ok_or_else(|| Problem::field(field, "allowed is an https address of sns.REGION.amazonaws.com"))
}

fn is_own(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.strip_suffix(".cn").unwrap_or(host);
    let region = host.strip_prefix("sns.").and_then(|rest| rest.strip_suffix(".amazonaws.com"));
    let fits = |region: &str| {
        !region.is_empty()
            && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let plain = url.port().is_none() && url.username().is_empty() && url.password().is_none();
    url.scheme() == "https" && plain && region.is_some_and(fits)
}

fn away(error: impl std::error::Error + 'static) -> Problem {
    tracing::warn!(error = &error as &dyn std::error::Error, "Amazon SNS did not answer");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "Amazon SNS does not answer; send it again")
        .retry_after(Duration::from_secs(20))
}

/// What else is behind these hosts may echo what somebody sends.
fn is_certificate(url: &Url) -> bool {
    let path = url.path();
    path.starts_with("/SimpleNotificationService-") && path.ends_with(".pem") && url.query().is_none()
}

/// It does not come from where it says.
fn forged(field: &str) -> Problem {
    let mut problem = Problem::field(field, "is not as Amazon SNS sends it to this address");
    problem.status = StatusCode::FORBIDDEN;
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_hosts_are_asked() {
        for own in [
            "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem",
            "https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription&Token=x",
        ] {
            assert!(own_address("x", own).is_ok(), "{own}");
        }
        for other in [
            "http://sns.eu-central-1.amazonaws.com/x.pem",
            "https://sns.eu-central-1.amazonaws.com:8443/x.pem",
            "https://user@sns.eu-central-1.amazonaws.com/x.pem",
            "https://sns.eu-central-1.amazonaws.com.evil.test/x.pem",
            "https://sns.evil.test/x.amazonaws.com",
            "https://evil.s3.amazonaws.com/x.pem",
            "https://sns.a.b.amazonaws.com/x.pem",
            "https://sns..amazonaws.com/x.pem",
            "https://sns.amazonaws.com/x.pem",
            "https://169.254.169.254/x.pem",
            "",
        ] {
            assert!(own_address("x", other).is_err(), "{other}");
        }
    }
}
