//! Passwords: how good one must be, and how it is kept. Argon2id with the parameters that OWASP
//! recommends: 19 MiB, two passes.

use std::{sync::LazyLock, time::Duration};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use tokio::sync::Semaphore;
use zxcvbn::{Score, zxcvbn};

use crate::domain::id::random_bytes;

/// The least and the most characters.
pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 256;

/// By how many of its first characters it is judged.
const JUDGED: usize = 40;

/// Each takes 19 MiB while it is worked out.
const AT_ONCE: usize = 2;
const PATIENCE: Duration = Duration::from_secs(8);

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// What nobody's password is: who has no account is worked on for as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed("").unwrap_or_default());

/// Too many sign in just now.
#[derive(Debug)]
pub struct Busy;

/// Says what is wrong with a password; `about` is what an attacker would try first.
pub fn check(password: &str, about: &[&str]) -> Result<(), String> {
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Err(format!(
            "Allowed are {SHORTEST} to {LONGEST} characters; a few words that do not belong together are good."
        ));
    }
    let mut about = about.to_vec();
    about.extend(["pharos", "status", "statuspage"]);
    // What is longer is not guessed by its beginning; and of more than this, the patterns in a text that is
    // made for it take seconds to count.
    let head = |most| password.chars().take(most).collect::<String>();
    let strength = zxcvbn(&head(JUDGED), &about);
    if strength.score() >= Score::Three && is_more_than(&head(100), &about) {
        return Ok(());
    }
    let why =
        strength.feedback().and_then(|feedback| feedback.warning()).map(|warning| format!(" {warning}"));
    Err(format!(
        "It would be guessed too soon.{} Take a few words that do not belong together.",
        why.unwrap_or_default()
    ))
}

/// Whether enough is left of it without these words, which zxcvbn sees only where they stand alone.
fn is_more_than(password: &str, words: &[&str]) -> bool {
    const LEFT: usize = 6;
    let words = words.iter().filter(|word| word.chars().count() > 2);
    let left = words.fold(password.to_lowercase(), |left, word| left.replace(&word.to_lowercase(), " "));
    left.chars().filter(|character| character.is_alphanumeric()).count() >= LEFT
}

/// What is kept of a password.
pub async fn hash(password: String) -> Result<String, Busy> {
    work(move || hashed(&password)).await?.ok_or(Busy)
}

/// Whether it is the password of this hash. Without one, it is not, after as long a time.
pub async fn verify(password: String, hash: Option<String>) -> Result<bool, Busy> {
    work(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let password: String = password.chars().take(LONGEST).collect();
        let fits = Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok();
        fits && known
    })
    .await
}

fn hashed(password: &str) -> Option<String> {
    let salt: [u8; 16] = random_bytes();
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt).ok()?;
    Some(hash.to_string())
}

/// Works something out beside the threads that answer, few at a time.
async fn work<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
    let turn = tokio::time::timeout(PATIENCE, TURNS.acquire()).await;
    let _turn = turn.map_err(|_| Busy)?.map_err(|_| Busy)?;
    actix_web::rt::task::spawn_blocking(job).await.map_err(|_| Busy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guessed_soon_is_refused() {
        for weak in
            ["short", "password1234", "aaaaaaaaaaaaaaa", "ada@example.com", "qwertyuiop12", "status status"]
        {
            assert!(check(weak, &["ada@example.com", "Ada"]).is_err(), "{weak}");
        }
        assert_eq!(check("correct horse battery staple", &[]), Ok(()));
        assert!(check(&"ab9-".repeat(65), &[]).is_err(), "too long");
        assert_eq!(check(&"words that belong to nobody but me ".repeat(7), &[]), Ok(()), "long and judged");
    }

    #[actix_web::test]
    async fn a_password_is_known_again_and_nobody_has_none() {
        let kept = hash("correct horse battery staple".into()).await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("correct horse battery staple".into(), Some(kept.clone())).await.unwrap());
        assert!(!verify("correct horse battery stapl".into(), Some(kept)).await.unwrap());
        assert!(!verify(String::new(), None).await.unwrap(), "not even the one that stands in for nobody's");
    }
}
