//! Around the lines of an archive: first compressed, then encrypted.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, Cursor, Read, Write},
    path::Path,
};

use age::{Decryptor, Encryptor, scrypt, secrecy::SecretString, stream::StreamWriter};
use anyhow::{Context, bail};
use clap::ValueEnum;
use flate2::{read::MultiGzDecoder, write::GzEncoder};

use super::{
    limits::{Limited, MOST_PACKED, MOST_UNPACKED},
    passphrase,
};

/// Two to this power rounds of scrypt make a key, as the age tool has it: about a second and
/// 256 MiB. More than four times of that is not waited for.
const WORK_FACTOR: u8 = 18;
const MOST_WORK: u8 = 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// What the ending of a file's name says; `.age` says nothing of it.
    pub fn of(path: &Path) -> Self {
        let name = path.to_string_lossy();
        match Path::new(name.trim_end_matches(".age")).extension() {
            Some(ending) if ending.eq_ignore_ascii_case("gz") => Self::Gzip,
            Some(ending) if ending.eq_ignore_ascii_case("zst") => Self::Zstd,
            _ => Self::None,
        }
    }
}

/// A stream that has an end of its own, to be written after the last byte.
pub trait Sink: Write {
    fn end(self: Box<Self>) -> io::Result<()>;
}

impl Sink for BufWriter<File> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.into_inner()?.sync_all()
    }
}

impl Sink for io::Stdout {
    fn end(mut self: Box<Self>) -> io::Result<()> {
        self.flush()
    }
}

impl Sink for GzEncoder<Box<dyn Sink>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.finish()?.end()
    }
}

impl Sink for zstd::Encoder<'static, Box<dyn Sink>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.finish()?.end()
    }
}

impl Sink for StreamWriter<Box<dyn Sink>> {
    fn end(self: Box<Self>) -> io::Result<()> {
        self.finish()?.end()
    }
}

/// Packs what is written and passes it on.
pub fn pack(
    to: Box<dyn Sink>,
    compression: Compression,
    passphrase: Option<SecretString>,
) -> anyhow::Result<Box<dyn Sink>> {
    let to: Box<dyn Sink> = match passphrase {
        None => to,
        Some(passphrase) => {
            let mut recipient = scrypt::Recipient::new(passphrase);
            recipient.set_work_factor(WORK_FACTOR);
            let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))?;
            Box::new(encryptor.wrap_output(to)?)
        }
    };
    Ok(match compression {
        Compression::None => to,
        Compression::Gzip => Box::new(GzEncoder::new(to, flate2::Compression::default())),
        Compression::Zstd => Box::new(zstd::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL)?),
    })
}

/// The lines of an archive, whatever it is packed in: its first bytes tell.
pub fn unpack(
    from: Box<dyn Read>,
    passphrase: impl FnOnce() -> anyhow::Result<Option<SecretString>>,
) -> anyhow::Result<Box<dyn BufRead>> {
    let from: Box<dyn Read> = Box::new(Limited::new(from, MOST_PACKED, "the archive"));
    let (head, mut from) = look(from)?;
    if head.starts_with(b"age-encryption.org/v1") {
        from = decrypt(from, passphrase()?)?;
    }
    let (head, from) = look(from)?;
    let lines: Box<dyn Read> = match head.as_slice() {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(from)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::Decoder::new(from)?),
        _ => from,
    };
    Ok(Box::new(BufReader::new(Limited::new(lines, MOST_UNPACKED, "the unpacked archive"))))
}

fn decrypt(from: Box<dyn Read>, passphrase: Option<SecretString>) -> anyhow::Result<Box<dyn Read>> {
    let Some(passphrase) = passphrase else {
        bail!(
            "the archive is encrypted: name its passphrase with --passphrase-file or {}",
            passphrase::VARIABLE
        );
    };
    let decryptor =
        Decryptor::new_buffered(BufReader::new(from)).context("the archive can't be decrypted")?;
    if !decryptor.is_scrypt() {
        bail!(
            "the archive is encrypted with a key: decrypt it with age first; only passphrases are taken here"
        );
    }
    let mut identity = scrypt::Identity::new(passphrase);
    identity.set_max_work_factor(MOST_WORK);
    let decrypted = decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity));
    Ok(Box::new(decrypted.context("the archive can't be decrypted: is the passphrase right?")?))
}

/// The first bytes, and everything from the beginning.
fn look(mut from: Box<dyn Read>) -> anyhow::Result<(Vec<u8>, Box<dyn Read>)> {
    let mut head = vec![];
    from.by_ref().take(32).read_to_end(&mut head)?;
    Ok((head.clone(), Box::new(Cursor::new(head).chain(from))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_how_it_is_compressed() {
        for (name, compression) in [
            ("a.jsonl", Compression::None),
            ("a.jsonl.gz", Compression::Gzip),
            ("a.ZST", Compression::Zstd),
            ("a.jsonl.zst.age", Compression::Zstd),
            ("a.age", Compression::None),
            ("gz", Compression::None),
        ] {
            assert_eq!(Compression::of(Path::new(name)), compression, "{name}");
        }
    }

    #[test]
    fn what_unpacks_to_more_than_is_allowed_is_cut_off() {
        let mut bomb = zstd::Encoder::new(vec![], 1).unwrap();
        let block = vec![b'\n'; 1024 * 1024];
        for _ in 0..513 {
            bomb.write_all(&block).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 1_000_000);
        let mut lines = unpack(Box::new(Cursor::new(bomb)), || Ok(None)).unwrap();
        let error = io::copy(&mut lines, &mut io::sink()).unwrap_err();
        assert!(error.to_string().contains("536870912"), "{error}");
    }
}
