//! Choosing a coding by `Accept-Encoding` (RFC 9110, section 12.5.3).

use crate::live::Coding;

/// Of codings that a client likes equally, the one that is shortest.
const BY_SIZE: [Coding; 4] = [Coding::Brotli, Coding::Zstd, Coding::Gzip, Coding::Identity];

/// The coding that a client likes best. Without a header, and when nothing that it names is to be
/// had, the answer is sent as it is.
pub fn coding(accept: Option<&str>) -> Coding {
    let Some(accept) = accept else { return Coding::Identity };
    let (mut named, mut others) = ([None; BY_SIZE.len()], None);
    for (name, weight) in accept.split(',').map(parse) {
        match BY_SIZE.iter().position(|coding| name.eq_ignore_ascii_case(coding.token())) {
            Some(place) => named[place] = Some(weight),
            None if name == "*" => others = Some(weight),
            None => {}
        }
    }
    let mut best = (Coding::Identity, 0);
    for (coding, weight) in BY_SIZE.into_iter().zip(named) {
        // What is not named is not wanted, but for no coding at all: that is always allowed, and
        // weighs less than anything that is named.
        let weight = weight.or(others).unwrap_or(u16::from(coding == Coding::Identity));
        if weight > best.1 {
            best = (coding, weight);
        }
    }
    best.0
}

fn parse(item: &str) -> (&str, u16) {
    let mut parts = item.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let weight = quality.map_or(1.0, |quality| quality.parse::<f32>().unwrap_or(0.0));
    (name, (weight.clamp(0.0, 1.0) * 1_000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_send() {
        let table = [
            (None, Coding::Identity),
            (Some(""), Coding::Identity),
            (Some("gzip, deflate, br, zstd"), Coding::Brotli),
            (Some("gzip, deflate"), Coding::Gzip),
            (Some("gzip;q=1.0, br;q=0.5"), Coding::Gzip),
            (Some("br;q=0, zstd, gzip"), Coding::Zstd),
            (Some("BR"), Coding::Brotli),
            (Some("identity"), Coding::Identity),
            (Some("identity;q=0.5, gzip;q=0.3"), Coding::Identity),
            (Some("*"), Coding::Brotli),
            (Some("*;q=0.1, br;q=0"), Coding::Zstd),
            (Some("deflate"), Coding::Identity),
            (Some("identity;q=0, *;q=0"), Coding::Identity),
            (Some("br;q=nonsense, gzip;q=0.1"), Coding::Gzip),
            (Some("gzip; q=0.2 , br ; q=0.1"), Coding::Gzip),
        ];
        for (accept, expected) in table {
            assert_eq!(coding(accept), expected, "{accept:?}");
        }
    }
}
