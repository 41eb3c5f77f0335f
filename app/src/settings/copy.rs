//! Where a copy of the public site is kept that needs nothing of ours to be shown.

use std::str::FromStr;

use clap::Args;

/// A bucket of S3, and what the names of the copy's objects begin with there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketPlace {
    pub bucket: String,
    /// With a slash at its end: the front page's object has this name.
    pub prefix: String,
}

/// Whether there is one.
#[derive(Clone, Debug, Default, Args)]
pub struct SiteCopy {
    /// `s3://BUCKET/PREFIX`: where the public site is written after each change and every five minutes,
    /// by one process that does the jobs, for CloudFront or the like to show while no server answers.
    #[arg(long, global = true, env = "PHAROS_COPY_TO", value_name = "URL")]
    pub copy_to: Option<BucketPlace>,
}

impl FromStr for BucketPlace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let allowed = || "allowed is s3://BUCKET/PREFIX, such as s3://pharos-static/site".to_owned();
        let inside = text.strip_prefix("s3://").ok_or_else(allowed)?;
        let (bucket, prefix) = inside.split_once('/').ok_or_else(allowed)?;
        // Without dots: the name is part of a host's that a certificate has to fit.
        let plain =
            |name: &str| name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !(3..=63).contains(&bucket.len()) || !plain(bucket) {
            return Err(allowed());
        }
        let prefix = prefix.trim_matches('/');
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
        if !prefix.chars().all(fits) || prefix.split('/').any(|part| ["", ".", ".."].contains(&part)) {
            return Err(allowed());
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: format!("{prefix}/") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_bucket_and_a_prefix() {
        let place = |text: &str| text.parse::<BucketPlace>().map(|place| (place.bucket, place.prefix));
        assert_eq!(place("s3://status/site"), Ok(("status".into(), "site/".into())));
        assert_eq!(place("s3://status/a/b/"), Ok(("status".into(), "a/b/".into())));
        for wrong in [
            "status",
            "s3://status",
            "s3://status/",
            "https://status/site",
            "s3://a.b.c/site",
            "s3://ab/x",
            "s3://Status/x",
            "s3://status/../x",
            "s3://status/a b",
        ] {
            assert!(place(wrong).unwrap_err().contains("s3://BUCKET/PREFIX"), "{wrong}");
        }
    }
}
