//! What all clients of AWS share: where credentials are found, and TLS by rustls with ring.

use std::time::Duration;

use aws_config::{
    BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableRegionProvider,
    meta::region::ProvideRegion, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_secretsmanager::config::SharedHttpClient;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(4);
const TIMEOUT: Duration = Duration::from_secs(12);
/// The first and its repetitions, which wait longer each time, by a part of chance.
const ATTEMPTS: u32 = 4;

/// Credentials are found in the environment, in a web identity (IRSA), in the container (EKS Pod
/// Identity, ECS) or in the machine's metadata. The region is that of the environment, else this
/// one, else that of the profile or the machine.
pub async fn config(region: Option<String>) -> SdkConfig {
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
    // Left out, it is asked of the profile and of the machine, by the client above.
    let config = match of_environment.or_else(|| region.map(Region::new)) {
        Some(region) => config.region(region),
        None => config,
    };
    config.load().await
}

pub fn http_client() -> SharedHttpClient {
    let tls = Provider::Rustls(CryptoMode::Ring);
    aws_smithy_http_client::Builder::new().tls_provider(tls).build_https()
}
