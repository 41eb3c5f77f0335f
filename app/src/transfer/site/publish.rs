//! The copy that a bucket holds, for when nothing of ours answers any more: what a snapshot shows, in
//! every language, and its documents and feeds. Each object says of which revision it is and when it
//! was written; an older one never takes the place of a newer.

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::{
    Client, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{address::Address, links};
use crate::{
    bucket::{Bucket, BucketError, Found, Object},
    domain::{Id, state::Version},
    live::Snapshot,
    locale,
    outbound::{self, Reach},
};

/// After this long a copy is shown without colour, and whoever wrote it is taken to be gone.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(15);
/// What the copy has at most, the most important first.
const MOST_OBJECTS: usize = 1_000;
const MOST_BYTES: usize = 32 << 20;
/// Objects that are on their way at a time.
const AT_ONCE: usize = 8;
/// What says what the copy holds. No page of ours has such an address.
const MANIFEST: &str = ".published.json";
const REVISION: &str = "pharos-revision";
const WRITTEN_AT: &str = "pharos-written-at";
const SUM: &str = "pharos-sum";
/// What is a question of the moment, or needs one to be asked.
const LEFT_OUT: [&str; 5] = ["/events", "/oembed", "/embed/frame", "/embed/card", "/security.txt"];

/// Which revision an object shows, and when it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub revision: i64,
    pub at: DateTime<Utc>,
}

impl Stamp {
    fn of(found: &Found) -> Option<Self> {
        let revision = found.metadata(REVISION)?.parse().ok()?;
        let at = found.metadata(WRITTEN_AT)?.parse().ok()?;
        Some(Self { revision, at })
    }

    fn metadata(&self) -> [(&'static str, String); 2] {
        let at = self.at.to_rfc3339_opts(SecondsFormat::Micros, true);
        [(REVISION, self.revision.to_string()), (WRITTEN_AT, at)]
    }

    /// Whether this may take the other's place. A revision goes down only when the database was
    /// restored: nobody has then written the higher one for a while.
    pub fn follows(&self, other: &Self) -> bool {
        let is_abandoned = self.at - other.at >= STALE_AFTER;
        other.at <= self.at && (other.revision <= self.revision || is_abandoned)
    }
}

/// What the bucket holds of the page.
#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    page: Id,
    revision: i64,
    written_at: DateTime<Utc>,
    paths: BTreeSet<String>,
}

/// A file of the copy, by the path that it answers under.
#[derive(Debug)]
pub struct Copied {
    path: String,
    is_page: bool,
    object: Object,
}

/// What became of a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Published {
    /// So many objects were written.
    Written(usize),
    /// The bucket holds what is newer than this.
    Newer,
}

/// Asks the server at `base`, which shows this snapshot, for what is copied. `patterns` are its
/// routes.
pub async fn collect(
    snapshot: &Snapshot,
    base: &str,
    patterns: &[&str],
    at: DateTime<Utc>,
) -> anyhow::Result<Vec<Copied>> {
    let page = &snapshot.state.page;
    let own = page.url.trim_end_matches('/');
    let client = outbound::client(Reach::Anywhere)?;
    let mut waiting: Vec<Address> =
        paths(snapshot, patterns).iter().map(|path| Address::path(path)).collect();
    let mut seen: BTreeSet<Address> = waiting.iter().cloned().collect();
    let (mut copied, mut bytes) = (vec![], 0);
    while !waiting.is_empty() && copied.len() < MOST_OBJECTS && bytes < MOST_BYTES {
        let next: Vec<Address> = waiting.drain(..waiting.len().min(AT_ONCE)).collect();
        let asked = next.iter().map(|address| fetch(&client, base, page.host.as_deref(), address));
        for (address, answer) in next.iter().zip(futures_util::future::try_join_all(asked).await?) {
            let Some(mut file) = answer else { continue };
            if file.is_page {
                let html = links::still(std::str::from_utf8(&file.object.bytes)?);
                let assets =
                    links::of_html(&html).into_iter().filter_map(|link| Address::of(&link, address, own));
                waiting.extend(assets.filter(|to| is_asset(to) && seen.insert(to.clone())));
                let html = links::without_queries(&html, address, own);
                file.object.bytes = Bytes::from(stamped(&html, at));
            }
            bytes += file.object.bytes.len();
            copied.push(file);
        }
    }
    Ok(copied)
}

/// Writes the copy: what pages need before the pages, and at the end what it holds. What it held
/// before and does not any more goes.
pub async fn publish(
    bucket: &Bucket,
    page: &Id,
    version: &Version,
    at: DateTime<Utc>,
    files: Vec<Copied>,
) -> anyhow::Result<Published> {
    let stamp = Stamp { revision: version.revision, at };
    let before = bucket.read(MANIFEST).await?;
    if before.as_ref().is_some_and(|(found, _)| Stamp::of(found).is_some_and(|its| !stamp.follows(&its))) {
        return Ok(Published::Newer);
    }
    let paths: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    let (pages, others): (Vec<Copied>, Vec<Copied>) = files.into_iter().partition(|file| file.is_page);
    for group in [others, pages] {
        let writes = stream::iter(group).map(|file| async move { write(bucket, &file, &stamp).await });
        let written: Vec<bool> = writes.buffer_unordered(AT_ONCE).try_collect().await?;
        if written.contains(&false) {
            return Ok(Published::Newer);
        }
    }
    let manifest = Manifest { page: page.clone(), revision: stamp.revision, written_at: at, paths };
    let object = Object {
        kind: "application/json".into(),
        cache: "no-cache".into(),
        bytes: serde_json::to_vec(&manifest)?.into(),
    };
    match bucket.write(MANIFEST, &object, &stamp.metadata(), before.as_ref().map(|(found, _)| found)).await {
        Err(BucketError::Changed(_)) => return Ok(Published::Newer),
        written => written?,
    }
    let held = before.and_then(|(_, bytes)| serde_json::from_slice::<Manifest>(&bytes).ok());
    for gone in held.iter().flat_map(|held| held.paths.difference(&manifest.paths)) {
        bucket.remove(key(gone)).await?;
    }
    Ok(Published::Written(manifest.paths.len()))
}

/// Writes one object, unless the one that is there is newer.
async fn write(bucket: &Bucket, file: &Copied, stamp: &Stamp) -> Result<bool, BucketError> {
    let key = key(&file.path);
    let found = bucket.look(key).await?;
    if found.as_ref().and_then(Stamp::of).is_some_and(|its| !stamp.follows(&its)) {
        return Ok(false);
    }
    let sum: String =
        Sha256::digest(&file.object.bytes).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    // A page says when it was copied, and so is another each time. Writes are what costs.
    if found.as_ref().is_some_and(|found| found.metadata(SUM) == Some(&sum)) {
        return Ok(true);
    }
    let [revision, at] = stamp.metadata();
    match bucket.write(key, &file.object, &[revision, at, (SUM, sum)], found.as_ref()).await {
        Err(BucketError::Changed(_)) => Ok(false),
        written => written.map(|()| true),
    }
}

/// A page's path is the object's name, below the prefix; the front page's ends in the prefix's slash.
fn key(path: &str) -> &str {
    path.strip_prefix('/').unwrap_or(path)
}

/// What is asked for, in each language: the front page, documents and feeds first, then what the
/// snapshot holds of incidents, then the components' pages.
fn paths(snapshot: &Snapshot, patterns: &[&str]) -> Vec<String> {
    let state = &snapshot.state;
    let plain =
        |pattern: &&&str| pattern.starts_with('/') && !pattern.contains('{') && !LEFT_OUT.contains(*pattern);
    let fixed: Vec<String> = patterns.iter().filter(plain).map(|pattern| (*pattern).to_owned()).collect();
    let incidents = state.incidents.iter().flat_map(|incident| {
        [format!("/incidents/{}", incident.id), format!("/incidents/{}.json", incident.id)]
    });
    let components = state.components.iter().map(|component| format!("/components/{}", component.id));
    let mut all = vec![];
    for group in [fixed, incidents.collect(), components.collect()] {
        all.extend(group.iter().cloned());
        for tag in locale::languages() {
            all.extend(group.iter().map(|path| format!("/{tag}{path}")));
        }
    }
    all
}

/// What pages are shown with.
fn is_asset(address: &Address) -> bool {
    address.path.starts_with("/assets/")
}

async fn fetch(
    client: &Client,
    base: &str,
    host: Option<&str>,
    address: &Address,
) -> anyhow::Result<Option<Copied>> {
    let mut request = client.get(format!("{base}{}", address.asked()));
    if let Some(host) = host {
        request = request.header(HOST, host);
    }
    let answer = request.send().await?;
    // What is led elsewhere is copied there, and what is not there is passed over.
    let moved = answer.url().path() != address.path;
    if moved || matches!(answer.status(), StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST) {
        return Ok(None);
    }
    if answer.status() != StatusCode::OK {
        bail!("{}: the page answers {}", address.asked(), answer.status());
    }
    let header = |name: HeaderName| {
        answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let (kind, cache) = (header(CONTENT_TYPE), header(CACHE_CONTROL));
    let is_page = kind.starts_with("text/html");
    let bytes = answer.bytes().await.with_context(|| address.asked())?;
    Ok(Some(Copied { path: address.path.clone(), is_page, object: Object { kind, cache, bytes } }))
}

/// A page that says when it was copied, and that loses its colours once that is too long ago. What
/// it shows says in words of when it is.
fn stamped(html: &str, at: DateTime<Utc>) -> String {
    let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let stale = STALE_AFTER.num_milliseconds();
    let script = format!(
        "<meta name=\"pharos-copied-at\" content=\"{at}\"><script>(f=>{{f();setInterval(f,3e4)}})(()=>{{\
         if(Date.now()-Date.parse('{at}')>{stale})document.documentElement.style.filter='grayscale(1)'}})</script>"
    );
    match html.split_once("</head>") {
        Some((head, rest)) => format!("{head}{script}</head>{rest}"),
        None => html.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn an_older_revision_never_follows_a_newer_that_somebody_still_writes() {
        let stamp = |revision, minutes| Stamp { revision, at: fixture::noon() + TimeDelta::minutes(minutes) };
        for (ours, theirs, follows) in [
            (stamp(8, 5), stamp(7, 0), true),
            (stamp(7, 5), stamp(7, 0), true),
            (stamp(6, 5), stamp(7, 0), false),
            (stamp(7, 0), stamp(7, 5), false),
            (stamp(8, 0), stamp(7, 5), false),
            (stamp(6, 14), stamp(7, 0), false),
            (stamp(6, 15), stamp(7, 0), true),
        ] {
            assert_eq!(ours.follows(&theirs), follows, "{ours:?} after {theirs:?}");
        }
    }

    #[test]
    fn a_copy_says_when_it_was_made() {
        let html = stamped("<head><title>x</title></head><body></body>", fixture::noon());
        let meta = "<meta name=\"pharos-copied-at\" content=\"2026-11-22T12:00:00Z\">";
        assert!(html.contains(&format!("</title>{meta}<script>")) && html.contains("900000"), "{html}");
        assert_eq!(key("/"), "");
        assert_eq!(key("/de/"), "de/");
    }
}
