//! Secrets at the Secrets Manager for tests, which `PHAROS_TEST_AWS_URL` names.

use pharos::domain::Id;
use serde_json::{Value, json};

const REGION: &str = "eu-central-1";

/// A secret of one test's own.
pub struct Vault {
    pub name: String,
    pub arn: String,
    url: String,
}

impl Vault {
    pub async fn holding(text: &str) -> Self {
        Self::made(|name| json!({"Name": name, "SecretString": text})).await
    }

    async fn made(body: impl Fn(&str) -> Value) -> Self {
        let url = std::env::var("PHAROS_TEST_AWS_URL")
            .expect("PHAROS_TEST_AWS_URL names a Secrets Manager for tests; ./test.sh starts one");
        let name = format!("pharos/test-{}", Id::random());
        let made = ask(&url, "CreateSecret", body(&name)).await;
        Self { name, arn: made["ARN"].as_str().unwrap().to_owned(), url }
    }

    /// One that nothing was written to yet.
    pub async fn empty() -> Self {
        Self::made(|name| json!({"Name": name})).await
    }

    /// As RDS writes its own.
    pub async fn of_rds(username: &str, password: &str) -> Self {
        Self::holding(&json!({"username": username, "password": password}).to_string()).await
    }

    /// Puts another version in its place.
    pub async fn put(&self, text: &str) {
        ask(&self.url, "PutSecretValue", json!({"SecretId": self.name, "SecretString": text})).await;
    }

    /// What it holds now, which is JSON.
    pub async fn get(&self) -> Value {
        let answer = ask(&self.url, "GetSecretValue", json!({"SecretId": self.name})).await;
        serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap()
    }

    /// What a process needs to find it, besides credentials.
    pub fn place(&self) -> Vec<(String, String)> {
        [("AWS_ENDPOINT_URL", self.url.as_str()), ("AWS_REGION", REGION)].map(owned).into()
    }

    /// What a process needs to read it.
    pub fn environment(&self) -> Vec<(String, String)> {
        let credentials = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")].map(owned);
        self.place().into_iter().chain(credentials).collect()
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

async fn ask(url: &str, action: &str, body: Value) -> Value {
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    let scope = format!("Credential=test/20260101/{REGION}/secretsmanager/aws4_request");
    let answer = client
        .post(url)
        .header("authorization", format!("AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"))
        .header("x-amz-target", format!("secretsmanager.{action}"))
        .header("content-type", "application/x-amz-json-1.1")
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{action}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}
