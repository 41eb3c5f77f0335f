//! What an archive is encrypted with: never an argument, which others on the machine can see.

use std::path::Path;

use age::secrecy::SecretString;
use anyhow::{Context, bail};

/// The variable that holds the passphrase where no file does.
pub const VARIABLE: &str = "PHAROS_ARCHIVE_PASSPHRASE";

/// The first line of a file, else the variable; none if neither says anything.
pub fn find(file: Option<&Path>) -> anyhow::Result<Option<SecretString>> {
    let (text, whence) = match file {
        Some(file) => {
            let name = file.display().to_string();
            (std::fs::read_to_string(file).with_context(|| name.clone())?, name)
        }
        None => match std::env::var(VARIABLE) {
            Ok(text) => (text, VARIABLE.to_owned()),
            Err(std::env::VarError::NotPresent) => return Ok(None),
            Err(error) => return Err(error).context(VARIABLE),
        },
    };
    let first = text.lines().next().unwrap_or_default();
    if first.is_empty() {
        bail!("{whence}: the passphrase is empty");
    }
    Ok(Some(SecretString::from(first.to_owned())))
}
