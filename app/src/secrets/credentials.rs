//! A secret of ours that is written, too: a role of the database and its password.

use std::fmt;

use serde_json::{Map, Value, json};

use super::{SecretError, aws::Manager};

/// A role of the database and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub username: String,
    pub password: String,
}

/// Never shows the password.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// The secret that keeps them, as RDS keeps its own: a JSON object with `username` and `password`.
pub struct Keeper {
    manager: Manager,
    secret: String,
}

impl Keeper {
    /// For the secret of this name or ARN.
    pub async fn of(secret: &str) -> Self {
        Self { manager: Manager::new(std::iter::once(secret)).await, secret: secret.to_owned() }
    }

    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// What it keeps now; none as long as nothing was written to it.
    pub async fn read(&self) -> Result<Option<Credentials>, SecretError> {
        let Some(object) = self.object().await? else { return Ok(None) };
        let text = |key: &str| match object.get(key) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(self.unfit("it has to hold the texts `username` and `password`")),
        };
        Ok(Some(Credentials { username: text("username")?, password: text("password")? }))
    }

    /// Has it keep these from now on. Whatever else it holds stays.
    pub async fn write(&self, credentials: &Credentials) -> Result<(), SecretError> {
        let mut object = self.object().await?.unwrap_or_default();
        object.insert("username".to_owned(), json!(credentials.username));
        object.insert("password".to_owned(), json!(credentials.password));
        self.manager.write(&self.secret, &Value::Object(object).to_string()).await
    }

    async fn object(&self) -> Result<Option<Map<String, Value>>, SecretError> {
        match self.manager.read_if_there(&self.secret).await?.map(|text| serde_json::from_str(&text)) {
            None => Ok(None),
            Some(Ok(Value::Object(object))) => Ok(Some(object)),
            Some(_) => Err(self.unfit("it has to be a JSON object")),
        }
    }

    fn unfit(&self, why: &'static str) -> SecretError {
        SecretError::Unfit { reference: format!("the secret {}", self.secret), why }
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("secret", &self.secret).finish_non_exhaustive()
    }
}
