//! The documentation of the settings is what the code says.

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");

#[test]
fn the_table_of_settings_is_not_stale() {
    let table = pharos::settings::table(&pharos::cli::command());
    if std::env::var_os("PHAROS_WRITE_DOCS").is_some() {
        let text = std::fs::read_to_string(DOCUMENT).unwrap();
        let begin = text.find("| variable |").unwrap();
        std::fs::write(DOCUMENT, format!("{}{table}", &text[..begin])).unwrap();
    }
    let text = std::fs::read_to_string(DOCUMENT).unwrap();
    assert!(text.contains(&table), "run the tests with PHAROS_WRITE_DOCS=1; it should hold:\n{table}");
}
