//! AWS Secrets Manager.

use std::{error::Error, time::Duration};

use aws_config::{
    BehaviorVersion, Region, environment::EnvironmentVariableRegionProvider, meta::region::ProvideRegion,
    retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_secretsmanager::{
    Client, Config,
    config::SharedHttpClient,
    error::{ProvideErrorMetadata, SdkError},
    operation::get_secret_value::GetSecretValueError,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use super::SecretError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);
const TIMEOUT: Duration = Duration::from_secs(12);
/// The first and its repetitions, which wait longer each time, by a part of chance.
const ATTEMPTS: u32 = 4;

/// Whom secrets are read from, with the credentials that are found in the environment, in a web
/// identity (IRSA), in the container (EKS Pod Identity, ECS) or in the machine's metadata.
pub struct Manager {
    client: Client,
}

impl Manager {
    /// For these secrets. The region is that of the environment, else of the first ARN among them,
    /// else of the machine.
    pub async fn new(mut secrets: impl Iterator<Item = &str>) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http_client())
            .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(TIMEOUT)
                    .build(),
            );
        let of_environment = EnvironmentVariableRegionProvider::new().region().await;
        let region = of_environment.or_else(|| secrets.find_map(region_of).map(Region::new));
        // Left out, it is asked of the profile and of the machine, by the client above.
        let config = match region {
            Some(region) => config.region(region),
            None => config,
        };
        Self { client: Client::new(&config.load().await) }
    }

    /// At an address, with credentials that mean nothing.
    #[cfg(test)]
    pub fn at(address: &str) -> Self {
        use aws_sdk_secretsmanager::config::Credentials;
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http_client())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(address)
            .build();
        Self { client: Client::from_conf(config) }
    }

    /// The text of a secret, by its name or ARN: its current version.
    pub async fn read(&self, secret: &str) -> Result<String, SecretError> {
        let unread = |why: String| SecretError::Unread { secret: secret.to_owned(), why };
        let away = |why: String| SecretError::Away { secret: secret.to_owned(), why };
        let call = self.client.get_secret_value().secret_id(secret);
        let answer = match region_of(secret) {
            Some(region) => {
                let there = Config::builder().region(Region::new(region));
                call.customize().config_override(there).send().await
            }
            None => call.send().await,
        };
        let answer = answer
            .map_err(|error| if is_answer(&error) { unread(why(&error)) } else { away(why(&error)) })?;
        answer.secret_string.ok_or_else(|| unread("it holds no text".to_owned()))
    }
}

fn http_client() -> SharedHttpClient {
    let tls = Provider::Rustls(CryptoMode::Ring);
    aws_smithy_http_client::Builder::new().tls_provider(tls).build_https()
}

/// The region that an ARN names: `arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:NAME`.
fn region_of(secret: &str) -> Option<String> {
    let mut parts = secret.split(':');
    let region = (parts.next() == Some("arn")).then(|| parts.nth(2)).flatten()?;
    (!region.is_empty()).then(|| region.to_owned())
}

/// Whether it was answered that there is no such secret, or that it may not be read: asking again would
/// not help. A server that fails, or has too much to do, is as good as none.
fn is_answer(error: &SdkError<GetSecretValueError>) -> bool {
    let SdkError::ServiceError(told) = error else { return false };
    let busy = matches!(error.code(), Some("ThrottlingException" | "TooManyRequestsException"));
    told.raw().status().is_client_error() && !busy
}

/// What went wrong, in words that hold nothing of an answer but its error.
fn why(error: &SdkError<GetSecretValueError>) -> String {
    match error {
        SdkError::ServiceError(_) => match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            _ => "an error without a name".to_owned(),
        },
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::ResponseError(_) => "an answer that can't be understood".to_owned(),
        other => chain(other),
    }
}

/// An error and what led to it, each text once.
fn chain(error: &dyn Error) -> String {
    let mut texts: Vec<String> = vec![];
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        if !texts.contains(&text) {
            texts.push(text);
        }
        next = error.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_region() {
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1-AbCdEf";
        assert_eq!(region_of(arn).as_deref(), Some("eu-central-1"));
        assert_eq!(region_of("pharos/database"), None);
        assert_eq!(region_of("arn:aws"), None);
    }
}
