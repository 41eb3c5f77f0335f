//! Pages, and what is found of their past, as they are kept outside of a process: in Redis, at a sibling, in the file that the last
//! run left. One line that names the format, then JSON compressed with zstd (RFC 8878) under a
//! checksum. A format that this release does not know is a miss, and no error, so that two releases
//! can share what is kept.

use std::io::{Read, Write};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::domain::state::LiveState;

/// The number of the format. It rises whenever an older release would misread what is written.
pub const FORMAT: u32 = 1;

const LEVEL: i32 = 1;
/// The most bytes that are unpacked: a hundred times what a very large page takes.
const MOST_BYTES: u64 = 512 * 1024 * 1024;

/// A page's state and when the database was last heard to hold it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Kept {
    pub confirmed_at: DateTime<Utc>,
    pub state: LiveState,
}

#[derive(Serialize)]
struct Keeping<'s> {
    confirmed_at: DateTime<Utc>,
    state: &'s LiveState,
}

/// Why what was kept is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("it is not of format {FORMAT}, which this release reads")]
    Format,
    #[error("it can't be unpacked")]
    Packed(#[from] std::io::Error),
    #[error("it is not what was expected")]
    Content(#[from] serde_json::Error),
}

fn mark() -> String {
    format!("pharos kept {FORMAT}\n")
}

/// Writes pages down.
pub fn pack<'s>(
    pages: impl IntoIterator<Item = (&'s LiveState, DateTime<Utc>)>,
) -> Result<Vec<u8>, Unusable> {
    let pages = pages.into_iter().map(|(state, confirmed_at)| Keeping { confirmed_at, state });
    pack_any(&pages.collect::<Vec<_>>())
}

/// Reads them again.
pub fn unpack(bytes: &[u8]) -> Result<Vec<Kept>, Unusable> {
    unpack_any(bytes)
}

/// Writes anything down.
pub fn pack_any(value: &impl Serialize) -> Result<Vec<u8>, Unusable> {
    let text = serde_json::to_vec(value)?;
    let mut packer = zstd::Encoder::new(mark().into_bytes(), LEVEL)?;
    packer.include_checksum(true)?;
    packer.write_all(&text)?;
    Ok(packer.finish()?)
}

/// Reads it again.
pub fn unpack_any<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Unusable> {
    let packed = bytes.strip_prefix(mark().as_bytes()).ok_or(Unusable::Format)?;
    let mut text = vec![];
    zstd::Decoder::with_buffer(packed)?.take(MOST_BYTES).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let state = fixture::state();
        let packed = pack([(&state, fixture::noon())]).unwrap();
        assert_eq!(unpack(&packed).unwrap(), [Kept { confirmed_at: fixture::noon(), state }]);
    }

    #[test]
    fn what_another_release_wrote_is_a_miss() {
        let packed = pack([(&fixture::state(), fixture::noon())]).unwrap();
        let newer = [b"pharos kept 9\n", &packed[mark().len()..]].concat();
        assert!(matches!(unpack(&newer), Err(Unusable::Format)));
        assert!(matches!(unpack(b""), Err(Unusable::Format)));
    }

    #[test]
    fn what_was_damaged_is_not_believed() {
        let packed = pack([(&fixture::state(), fixture::noon())]).unwrap();
        for at in [mark().len() + 12, packed.len() / 2, packed.len() - 1] {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x10;
            assert!(unpack(&damaged).is_err(), "byte {at}");
        }
        assert!(unpack(&packed[..packed.len() / 2]).is_err(), "cut off");
    }
}
