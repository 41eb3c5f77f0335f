//! What an archive may be at most, held before anything of it is understood.

use std::io::{self, Read};

const MIB: u64 = 1024 * 1024;
/// A file, as it comes.
pub const MOST_PACKED: u64 = 64 * MIB;
/// Its text, once it is decrypted and unpacked.
pub const MOST_UNPACKED: u64 = 512 * MIB;
/// A line of it.
pub const LONGEST_LINE: u64 = MIB;
/// How deep its JSON may be nested.
const DEEPEST: usize = 64;

/// Why a line can't be read, whatever it says; the error names what is allowed.
pub fn line(line: &[u8]) -> Result<(), String> {
    if line.len() as u64 > LONGEST_LINE {
        return Err(format!("more than {LONGEST_LINE} bytes; allowed is 1 MiB a line"));
    }
    if depth(line) > DEEPEST {
        return Err(format!("more than {DEEPEST} brackets within each other; allowed are {DEEPEST}"));
    }
    Ok(())
}

/// How many brackets stand within each other, outside of texts.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Reads at most so many bytes, and fails where there are more.
#[derive(Debug)]
pub struct Limited<R> {
    input: R,
    left: u64,
    too_much: String,
}

impl<R> Limited<R> {
    /// `what` has at most `most` bytes.
    pub fn new(input: R, most: u64, what: &str) -> Self {
        Self { input, left: most, too_much: format!("{what} has more than {most} bytes, which are allowed") }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if wanted == 0 && !buffer.is_empty() {
            return match self.input.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::other(self.too_much.clone())),
            };
        }
        let read = self.input.read(&mut buffer[..wanted])?;
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted_outside_of_texts() {
        assert_eq!(depth(br#"{"a":[1,{"b":"[[[[\"[["}],"c":[]}"#), 3);
        assert_eq!(depth(b"]]]["), 1);
        let nested = |times: usize| format!("{}{}", "[".repeat(times), "]".repeat(times));
        assert!(line(nested(64).as_bytes()).is_ok());
        assert!(line(nested(65).as_bytes()).unwrap_err().contains("64"));
    }

    #[test]
    fn no_more_is_read_than_allowed() {
        let mut text = String::new();
        assert_eq!(Limited::new(&b"12345"[..], 5, "it").read_to_string(&mut text).unwrap(), 5);
        let more = Limited::new(&b"123456"[..], 5, "it").read_to_string(&mut text).unwrap_err();
        assert!(more.to_string().contains("it has more than 5 bytes"), "{more}");
    }
}
