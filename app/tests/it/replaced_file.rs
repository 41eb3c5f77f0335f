//! A file of SQLite that is replaced or removed under a running server.

use std::fs;

use pharos::store::{Actor, NewComponent, NewPage, Store};

use crate::support::{Server, clock};

#[tokio::test]
async fn a_lost_file_is_said_aloud_and_nothing_is_written_into_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, aside) = (folder.path().join("pharos.db"), folder.path().join("aside.db"));
    let url = format!("sqlite://{}?mode=rwc", path.display());
    let store = Store::connect(&url, clock()).await.unwrap();
    store.migrate().await.unwrap();
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    change.create_component(NewComponent::named("Search")).await.unwrap();
    let page = change.commit().await.unwrap().page_id;
    let server = Server::start(store.clone(), &clock()).await;
    fs::rename(&path, &aside).unwrap();
    for what in ["removed", "replaced"] {
        let error = server.app.refresher.poll().await.unwrap_err().to_string();
        assert!(error.contains(what) && error.contains(&path.display().to_string()), "{error}");
        let refused = store.change(&page, Actor::System).await.err().map(|error| error.to_string());
        assert!(refused.is_some_and(|refused| refused.contains(what)), "a change would be lost");
        assert!(server.text("/").await.contains("Search"), "what is lit stays lit");
        fs::copy(&aside, &path).unwrap();
    }
    fs::rename(&aside, &path).unwrap();
    server.app.refresher.poll().await.unwrap();
    store.change(&page, Actor::System).await.unwrap().commit().await.unwrap();
    server.stop().await;
}
