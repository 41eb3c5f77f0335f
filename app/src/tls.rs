//! Files of certificates: whom to believe besides, or instead of, those whom everybody believes.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// The most that is read of a file; the bundle of all of RDS's authorities has 170 KB.
const MOST_BYTES: u64 = 2 << 20;

/// Why a file can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{setting}: {}: {why}", path.display())]
pub struct BadCertificates {
    setting: &'static str,
    path: PathBuf,
    why: String,
}

/// The certificates of authorities in a file, in PEM; at least one, and none that can't be used.
pub fn authorities(setting: &'static str, path: &Path) -> Result<Vec<u8>, BadCertificates> {
    read(path).map_err(|why| BadCertificates { setting, path: path.to_owned(), why })
}

/// Checks the file that a Postgres address names as `sslrootcert`: it is read at each connection,
/// which is late to hear of a mistake.
pub fn check_database(setting: &'static str, url: &str) -> Result<(), BadCertificates> {
    let Ok(url) = url::Url::parse(url) else { return Ok(()) };
    if !url.scheme().starts_with("postgres") {
        return Ok(());
    }
    let names = ["sslrootcert", "ssl-root-cert", "ssl-ca"];
    let file = url.query_pairs().find(|(name, _)| names.contains(&&**name));
    file.map_or(Ok(()), |(_, path)| authorities(setting, Path::new(&*path)).map(|_| ()))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut pem = vec![];
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(MOST_BYTES + 1).read_to_end(&mut pem).map_err(|error| error.to_string())?;
    if pem.len() as u64 > MOST_BYTES {
        return Err(format!("allowed are {MOST_BYTES} bytes of certificates"));
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let added = certificate
            .map_err(|error| error.to_string())
            .and_then(|certificate| roots.add(certificate).map_err(|error| error.to_string()));
        added.map_err(|error| format!("certificate {} can't be used: {error}", roots.len() + 1))?;
    }
    if roots.is_empty() {
        return Err(
            "allowed is a file of certificates in PEM, which begin with -----BEGIN CERTIFICATE-----".into()
        );
    }
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_holds_no_certificates_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let refused = |text: &str| {
            std::fs::write(&path, text).unwrap();
            authorities("redis_ca", &path).unwrap_err().to_string()
        };
        assert!(refused("").contains("BEGIN CERTIFICATE"));
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(refused(broken).contains("certificate 1 can't be used"), "{}", refused(broken));
        assert!(refused(&" ".repeat(MOST_BYTES as usize + 1)).contains("bytes of certificates"));
        let url = format!("postgres://u:hidden@h/db?sslmode=verify-full&sslrootcert={}", path.display());
        std::fs::remove_file(&path).unwrap();
        let error = check_database("database_url", &url).unwrap_err().to_string();
        assert!(error.starts_with("database_url: ") && error.contains("ca.pem"), "{error}");
        assert!(!error.contains("hidden"), "{error}");
        assert!(check_database("database_url", "postgres://u:p@h/db?sslmode=require").is_ok());
        assert!(check_database("database_url", "sqlite://pharos.db?mode=rwc").is_ok());
    }
}
