//! The console: a second step that a role needs.

use std::collections::BTreeMap;

use pharos::{
    app::Options,
    domain::{account::Purpose, role::Role},
    store::{Actor, NewPasskey},
    web,
};

use crate::{
    console_enter::device,
    manage::empty,
    support::{Browser, Database, PASSWORD, Server, clock, number, on_both},
};

on_both!(
    who_lacks_a_second_step_sets_it_up_first,
    a_role_on_one_page_counts,
    who_has_a_passkey_is_asked_for_it,
);

const SECOND: &str = "/admin/account/second-factor";

async fn ask_for(browser: &Browser<'_>, roles: &[(&str, &str)]) {
    let people = browser.get("/admin/people").await;
    let done = browser.submit(&people, "/admin/people/second-step", roles).await;
    assert_eq!(done.location.as_deref(), Some("/admin/people?said=saved"), "{}", done.text());
}

async fn who_lacks_a_second_step_sets_it_up_first(database: Database) {
    let (server, page) = empty(&database).await;
    let list = format!("{}/incidents", page.replace("/v1/", "/admin/"));
    let owner = Browser::of(&server, Role::Owner).await;
    let responder = Browser::of(&server, Role::Responder).await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    let new = format!("{list}/new");
    let half_typed = responder.get(&new).await;
    ask_for(&owner, &[("role.responder", "true")]).await;

    for path in ["/admin", "/admin/account", &list] {
        assert_eq!(responder.get(path).await.location.as_deref(), Some(SECOND), "{path}");
    }
    let typed = [("name", "Uploads fail"), ("do", "post")];
    let refused = responder.submit(&half_typed, &new, &typed).await;
    assert!(
        refused.status == 403 && refused.holds("Uploads fail"),
        "what was typed stays: {}",
        refused.text()
    );
    assert!(server.json("/api/v2/incidents.json").await["incidents"].as_array().unwrap().is_empty());
    for (path, fields) in
        [("/admin/account/password", "new_password"), ("/admin/account/second-factor/off", "x")]
    {
        let csrf = refused.fields("/admin/sign-out")[0].1.clone();
        assert_eq!(responder.post(path, &[("csrf", &csrf), (fields, "x")]).await.status, 403, "{path}");
    }
    assert_eq!(viewer.get(&list).await.status, 200);
    assert_eq!(owner.get(&list).await.status, 200);

    let needed = responder.get(SECOND).await;
    assert!(needed.holds("Your role needs a second step"), "{}", needed.text());
    let shown = responder.submit(&needed, SECOND, &[]).await;
    let second = u64::try_from(server.app.clock.now().timestamp()).unwrap();
    let code = device(&shown).generate(second).to_string();
    let on = responder.submit(&shown, &format!("{SECOND}/confirm"), &[("code", &code)]).await;
    assert!(on.holds("Your recovery codes"), "{}", on.text());
    let posted = responder.submit_on(&half_typed, &new, &typed).await;
    assert!(posted.holds("Posted."), "{}", posted.text());
    assert_eq!(responder.get(SECOND).await.location.as_deref(), Some("/admin/account"));

    ask_for(&owner, &[("role.owner", "true")]).await;
    assert_eq!(owner.get(&list).await.location.as_deref(), Some(SECOND), "owners are no exception");
    assert_eq!(owner.get("/admin/sign-in").await.status, 303);
    let needed = owner.get(SECOND).await;
    assert_eq!(owner.submit(&needed, "/admin/sign-out", &[]).await.status, 303, "they may leave");
    let audited = "SELECT count(*) FROM audit_events WHERE action = 'organization.second_step'";
    assert_eq!(number(&database, audited).await, 2);
    server.stop().await;
}

async fn a_role_on_one_page_counts(database: Database) {
    let (server, page) = empty(&database).await;
    let list = format!("{}/incidents", page.replace("/v1/", "/admin/"));
    let owner = Browser::of(&server, Role::Owner).await;
    let viewer = Browser::of(&server, Role::Viewer).await;
    ask_for(&owner, &[("role.responder", "true"), ("role.editor", "true")]).await;
    assert_eq!(viewer.get(&list).await.status, 200);
    let user = server.app.store.credentials_of("viewer@example.com").await.unwrap().unwrap().user;
    let roles = BTreeMap::from([(server.app.site.versions()[0].0.clone(), Role::Editor)]);
    server.app.store.record().set_page_roles(&user.id, &roles, &Actor::CommandLine).await.unwrap();
    assert_eq!(viewer.get(&list).await.location.as_deref(), Some(SECOND));
    let people = owner.get("/admin/people").await;
    let fields = people.fields("/admin/people/second-step");
    let ticked: Vec<&str> =
        fields.iter().map(|(name, _)| name.as_str()).filter(|n| n.contains('.')).collect();
    assert_eq!(ticked, ["role.responder", "role.editor"]);
    server.stop().await;
}

async fn who_has_a_passkey_is_asked_for_it(database: Database) {
    let store = database.store(&clock()).await;
    store.ensure_page("Acme").await.unwrap();
    let parts = Options::alone("http://localhost");
    let server = Server::start_as(store, &clock(), parts, web::ApiOptions::default()).await;
    let owner = Browser::of(&server, Role::Owner).await;
    Browser::of(&server, Role::Viewer).await;
    let user = server.app.store.credentials_of("viewer@example.com").await.unwrap().unwrap().user;
    let text = |text: &str| text.to_owned();
    let key = NewPasskey {
        name: text("phone"),
        credential_id: text("a"),
        public_key: text("b"),
        counter: text("c"),
    };
    server.app.store.record().add_passkey(&user.id, key, None, &Actor::CommandLine).await.unwrap();
    let thief = Browser::new(&server);
    assert_eq!(thief.sign_in("viewer@example.com", PASSWORD).await.status, 303);
    let account = thief.get("/admin/account").await;
    let begun = thief.submit(&account, SECOND, &[]).await;
    assert_eq!(begun.status, 200, "where none is needed, anybody sets one up");
    ask_for(&owner, &[("role.viewer", "true")]).await;

    let needed = thief.get(SECOND).await;
    assert!(needed.holds("Your passkey stands for both steps") && needed.fields(SECOND).is_empty());
    let csrf = thief.csrf_of(&needed);
    let second = u64::try_from(server.app.clock.now().timestamp()).unwrap();
    let code = device(&begun).generate(second).to_string();
    for path in [SECOND, &format!("{SECOND}/confirm")] {
        let refused = thief.post(path, &[("csrf", &csrf), ("code", &code)]).await;
        assert!(refused.status == 403 && refused.holds("with your passkey"), "{path}: {}", refused.text());
    }
    assert!(server.app.store.credentials(&user.id).await.unwrap().totp_secret.is_none());

    let record = server.app.store.record();
    let token = record.create_link(Purpose::SignIn, Some(&user.id), &Actor::CommandLine).await.unwrap();
    let link = format!("/admin/links/{}", token.unwrap());
    let screen = thief.get(&link).await;
    thief.submit(&screen, &link, &[]).await;
    let needed = thief.get(SECOND).await;
    assert_eq!(thief.submit(&needed, SECOND, &[]).await.status, 200, "the way out when the device is lost");
    server.stop().await;
}
