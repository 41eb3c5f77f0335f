//! AWS Secrets Manager.

use std::error::Error;

use aws_sdk_secretsmanager::{
    Client, Config,
    config::Region,
    error::{ProvideErrorMetadata, SdkError},
    operation::get_secret_value::GetSecretValueError,
};

use super::SecretError;
use crate::aws;

/// As AWS calls it, whether the secret or its first version is missing.
const NOTHING_THERE: &str = "ResourceNotFoundException: there is no such secret, or nothing in it";

/// Whom secrets are read from, with the credentials that are found in the environment, in a web
/// identity (IRSA), in the container (EKS Pod Identity, ECS) or in the machine's metadata.
pub struct Manager {
    client: Client,
}

impl Manager {
    /// For these secrets. The region is that of the environment, else of the first ARN among them,
    /// else of the machine.
    pub async fn new(mut secrets: impl Iterator<Item = &str>) -> Self {
        Self { client: Client::new(&aws::config(secrets.find_map(region_of)).await) }
    }

    /// At an address, with credentials that mean nothing.
    #[cfg(test)]
    pub fn at(address: &str) -> Self {
        use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials};
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(aws::http_client())
            .region(Region::new("eu-central-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(address)
            .build();
        Self { client: Client::from_conf(config) }
    }

    /// The text of a secret, by its name or ARN: its current version.
    pub async fn read(&self, secret: &str) -> Result<String, SecretError> {
        let unread = |why: &str| SecretError::Unread { secret: secret.to_owned(), why: why.to_owned() };
        self.read_if_there(secret).await?.ok_or_else(|| unread(NOTHING_THERE))
    }

    /// The same; none if the secret has no version yet, or is not there at all.
    pub async fn read_if_there(&self, secret: &str) -> Result<Option<String>, SecretError> {
        let unread = |why: String| SecretError::Unread { secret: secret.to_owned(), why };
        let away = |why: String| SecretError::Away { secret: secret.to_owned(), why };
        let call = self.client.get_secret_value().secret_id(secret);
        match call.customize().config_override(there(secret)).send().await {
            Ok(answer) => match answer.secret_string {
                Some(text) => Ok(Some(text)),
                None => Err(unread("it holds no text".to_owned())),
            },
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) if is_answer(&error) => Err(unread(why(&error))),
            Err(error) => Err(away(why(&error))),
        }
    }

    /// Makes a text the current version of a secret; the one before it is kept as AWSPREVIOUS.
    pub async fn write(&self, secret: &str, text: &str) -> Result<(), SecretError> {
        let call = self.client.put_secret_value().secret_id(secret).secret_string(text);
        let unwritten = |why: String| SecretError::Unwritten { secret: secret.to_owned(), why };
        let answer = call.customize().config_override(there(secret)).send().await;
        answer.map(|_| ()).map_err(|error| unwritten(why(&error)))
    }
}

/// The region that a secret is in, where its name says that.
fn there(secret: &str) -> aws_sdk_secretsmanager::config::Builder {
    match region_of(secret) {
        Some(region) => Config::builder().region(Region::new(region)),
        None => Config::builder(),
    }
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
fn why<E: ProvideErrorMetadata + Error + 'static>(error: &SdkError<E>) -> String {
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
