//! The console: components, people, tokens.

use pharos::domain::role::Role;
use serde_json::{Value, json};

use crate::{
    manage::empty,
    support::{Browser, Caller, Database, PASSWORD, Server, on_both},
};

on_both!(components_come_move_and_go, people_are_invited_and_let_go, a_token_is_shown_once);

async fn names(server: &Server) -> Vec<(String, String)> {
    let components = server.json("/api/v2/components.json").await["components"].clone();
    let leaves = components.as_array().unwrap().iter().filter(|one| one["group"] == Value::Bool(false));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    leaves.map(|one| (text(&one["name"]), text(&one["status"]))).collect()
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> Vec<(String, String)> {
    pairs.map(|(name, status)| (name.to_owned(), status.to_owned())).to_vec()
}

async fn components_come_move_and_go(database: Database) {
    let (server, _) = empty(&database).await;
    let page = server.app.site.versions()[0].0.clone();
    let board = format!("/admin/pages/{page}/components");
    let browser = Browser::of(&server, Role::Editor).await;
    let more = format!("{board}/more");
    let screen = browser.get(&board).await;
    let wrong = browser.submit(&screen, &more, &[("components", &"x".repeat(300))]).await;
    assert!(wrong.status == 422 && wrong.holds("Line 1"), "{}", wrong.text());
    let list = [("components", "Website\nMail\nPayments:\nCards\n")];
    assert!(browser.submit_on(&screen, &more, &list).await.holds("Added."));
    assert!(browser.submit_on(&screen, &more, &list).await.holds("Added."), "the same again");
    assert_eq!(names(&server).await.len(), 3, "makes no others");

    let screen = browser.get(&board).await;
    let id = |name: &str| {
        let before = screen.html.split(&format!("aria-label=\"Tick {name}\"")).next().unwrap();
        before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
    };
    let (website, mail) = (id("Website"), id("Mail"));
    let csrf = browser.csrf().await;
    let set = [
        ("csrf", csrf.as_str()),
        ("component", &website),
        ("component", &mail),
        ("status", "degraded_performance"),
    ];
    assert_eq!(browser.post(&format!("{board}/status"), &set).await.status, 303);
    let nothing =
        browser.post(&format!("{board}/status"), &[("csrf", csrf.as_str()), ("status", "operational")]).await;
    assert!(nothing.status == 422 && nothing.holds("Tick at least one"));
    let told = names(&server).await;
    assert_eq!(told.iter().filter(|(_, status)| status == "degraded_performance").count(), 2, "{told:?}");

    let one = format!("{board}/{mail}");
    let seen = browser.get(&board).await;
    assert!(browser.submit_on(&seen, &one, &[("do", "up")]).await.holds("Saved."));
    let order: Vec<String> =
        names(&server).await.into_iter().map(|(name, _)| name).filter(|name| name != "Cards").collect();
    assert_eq!(order, ["Mail", "Website"]);
    let late = browser.submit(&seen, &one, &[("do", "save"), ("name", "Post")]).await;
    assert_eq!(late.status, 409, "it was changed since: {}", late.text());
    let seen = browser.get(&board).await;
    let renamed = [("do", "save"), ("name", "Post <b>"), ("description", "Letters")];
    assert!(browser.submit_on(&seen, &one, &renamed).await.html.contains("Post &lt;b&gt;"));
    let seen = browser.get(&board).await;
    assert_eq!(browser.submit(&seen, &one, &[("do", "delete")]).await.status, 422, "it asks first");
    assert!(browser.submit_on(&seen, &one, &[("do", "delete"), ("sure", "true")]).await.holds("Deleted."));
    assert_eq!(names(&server).await, pairs([("Cards", "operational"), ("Website", "degraded_performance")]));
    let group = browser.get(&board).await;
    let action = group
        .html
        .split("action=\"")
        .filter_map(|part| part.split('"').next())
        .find(|action| action.contains("/groups/"))
        .unwrap()
        .to_owned();
    assert!(browser.submit_on(&group, &action, &[("do", "save"), ("name", "Money")]).await.holds("Money"));
    let group = browser.get(&board).await;
    assert!(
        browser.submit_on(&group, &action, &[("do", "delete"), ("sure", "true")]).await.holds("Deleted.")
    );
    assert_eq!(names(&server).await.len(), 2, "what was in it stays");

    let viewer = Browser::of(&server, Role::Viewer).await.get(&board).await;
    assert!(viewer.holds("Website") && !viewer.holds("Change") && !viewer.holds("More components"));
    server.stop().await;
}

async fn people_are_invited_and_let_go(database: Database) {
    let (server, _) = empty(&database).await;
    let owner = Browser::of(&server, Role::Owner).await;
    let screen = owner.get("/admin/people").await;
    let wrong = owner.submit(&screen, "/admin/people", &[("email", "bob"), ("role", "responder")]).await;
    assert!(wrong.status == 422 && wrong.holds("ada@example.com"), "{}", wrong.text());
    let invited = owner
        .submit(
            &screen,
            "/admin/people",
            &[("email", "Bob@example.com"), ("name", "Bob"), ("role", "responder")],
        )
        .await;
    assert_eq!(invited.status, 200, "{}", invited.text());
    let text = invited.text();
    let link = text.split("http://status.test").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert!(!owner.get("/admin/people").await.html.contains(&link), "it is shown once");
    let twice =
        owner.submit(&screen, "/admin/people", &[("email", "bob@example.com"), ("role", "viewer")]).await;
    assert!(twice.status == 422 && twice.holds("somebody has this address already"));

    let bob = Browser::new(&server);
    let welcome = bob.get(&link).await;
    assert!(bob.submit_on(&welcome, &link, &[("new_password", PASSWORD)]).await.holds("Incidents"));
    assert_eq!(bob.get("/admin/people").await.status, 403);
    let id = server.app.store.credentials_of("bob@example.com").await.unwrap().unwrap().user.id;
    let path = |what: &str| format!("/admin/people/{id}/{what}");
    let screen = owner.get("/admin/people").await;
    assert!(owner.submit_on(&screen, &path("role"), &[("role", "admin")]).await.holds("The role is set."));
    let people = bob.get("/admin/people").await;
    assert!(people.status == 200 && !people.html.contains("value=\"owner\""), "an admin makes no owner");
    let csrf = bob.csrf().await;
    let owner_id = server.app.store.credentials_of("owner@example.com").await.unwrap().unwrap().user.id;
    for (path, field) in [
        (format!("/admin/people/{owner_id}/disabled"), ("disabled", "yes")),
        (format!("/admin/people/{owner_id}/link"), ("x", "")),
        (format!("/admin/people/{owner_id}/role"), ("role", "viewer")),
        ("/admin/people".to_owned(), ("role", "owner")),
    ] {
        let refused = bob.post(&path, &[("csrf", &csrf), ("email", "eve@example.com"), field]).await;
        assert_eq!(refused.status, 403, "{path}: {}", refused.text());
    }
    let myself = bob.post(&path("role"), &[("csrf", &csrf), ("role", "viewer")]).await;
    assert_eq!(myself.status, 422, "nor changes themselves");

    let screen = owner.get("/admin/people").await;
    assert!(owner.submit_on(&screen, &path("disabled"), &[("disabled", "yes")]).await.holds("Disabled"));
    assert_eq!(bob.get("/admin/people").await.status, 303, "signed out at once");
    assert_eq!(bob.sign_in("bob@example.com", PASSWORD).await.status, 422);
    let screen = owner.get("/admin/people").await;
    owner.submit_on(&screen, &path("disabled"), &[("disabled", "no")]).await;
    assert_eq!(bob.sign_in("bob@example.com", PASSWORD).await.status, 303);
    let only =
        server.app.store.record().set_disabled(&owner_id, true, &pharos::store::Actor::CommandLine).await;
    assert!(only.unwrap_err().to_string().contains("last owner"));
    server.stop().await;
}

async fn a_token_is_shown_once(database: Database) {
    let (server, page) = empty(&database).await;
    let owner = Browser::of(&server, Role::Owner).await;
    let screen = owner.get("/admin/tokens").await;
    let made = owner
        .submit(
            &screen,
            "/admin/tokens",
            &[("name", "deploys"), ("scope", "read"), ("scope", "components:write")],
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.text());
    let text = made.text();
    let token =
        text.split(' ').find(|word| word.starts_with("pharos_") && word.len() > 40).unwrap().to_owned();
    assert!(!owner.get("/admin/tokens").await.html.contains(&token));
    let caller = Caller { server: &server, token };
    let body = json!({ "component": { "name": "Website" } });
    caller.expect(201, "POST", &format!("{page}/components"), body.clone()).await;
    caller.expect(403, "GET", &format!("{page}/subscribers"), Value::Null).await;
    let none = owner
        .submit(&owner.get("/admin/tokens").await, "/admin/tokens", &[("name", "x"), ("scope", "king")])
        .await;
    assert!(none.status == 422 && none.holds("Tick at least one"));
    let listed = owner.get("/admin/tokens").await;
    let action = listed
        .html
        .split("action=\"")
        .filter_map(|part| part.split('"').next())
        .find(|action| action.ends_with("/revoke"))
        .unwrap()
        .to_owned();
    assert!(owner.submit_on(&listed, &action, &[]).await.holds("The token is revoked."));
    caller.expect(401, "POST", &format!("{page}/components"), body).await;
    server.stop().await;
}
