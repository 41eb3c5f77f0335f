//! The management API: the people who run the pages, and what they may do.

use pharos::{
    domain::{Id, role::Role},
    store::{Actor, NewToken, Secret},
};
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Caller, Database, number, on_both, token, token_of},
};

on_both!(
    somebody_comes_and_goes,
    the_last_owner_stays,
    only_owners_make_owners_and_take_them_away,
    a_token_allows_no_more_than_its_owner,
    nobody_gives_what_is_not_theirs,
    permissions_are_roles_on_pages,
    who_asks_first_names_the_installation,
);

async fn organization(caller: &Caller<'_>) -> String {
    let list = caller.get("/v1/organizations").await;
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    format!("/v1/organizations/{}", list[0]["id"].as_str().unwrap())
}

fn user(email: &str, role: &str) -> Value {
    json!({ "user": { "email": email, "first_name": "Ada", "last_name": "King Lovelace", "role": role } })
}

async fn somebody_comes_and_goes(database: Database) {
    let (server, _) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{}/users", organization(&caller).await);
    let made = caller.expect(201, "POST", &path, user("Ada@Example.com", "responder")).await;
    assert_eq!(
        (&made["email"], &made["first_name"], &made["last_name"], &made["role"]),
        (&json!("ada@example.com"), &json!("Ada"), &json!("King Lovelace"), &json!("responder"))
    );
    assert!(path.contains(made["organization_id"].as_str().unwrap()));
    for (fields, field) in [
        (json!({ "email": "ADA@example.com" }), "user.email"),
        (json!({ "email": "ada" }), "user.email"),
        (json!({ "email": "bob@example.com", "first_name": "B\nob" }), "user.first_name"),
        (json!({ "email": "bob@example.com", "role": "king" }), "user.role"),
        (json!({}), "user.email"),
    ] {
        let refused = caller.expect(422, "POST", &path, json!({ "user": fields })).await;
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
    let with_password = json!({ "user": { "email": "bob@example.com", "password": "hush-hush" } });
    let bare = caller.send("POST", &path, with_password).await;
    let warned = bare.headers()["warning"].to_str().unwrap().to_owned();
    assert_eq!((bare.status().as_u16(), warned.contains("user.password")), (201, true), "{warned}");
    let bare = crate::support::read(bare).await;
    assert_eq!(number(&database, "SELECT count(*) FROM users WHERE password_hash IS NOT NULL").await, 0);
    assert_eq!((&bare["role"], &bare["first_name"]), (&json!("viewer"), &Value::Null));
    let listed = caller.get(&format!("{path}?per_page=1&page=2")).await;
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &bare["id"]));
    // Their tokens live as long as they do.
    let secret = Secret::random();
    let of_ada = NewToken {
        name: "Ada's".into(),
        prefix: secret.prefix.clone(),
        hash: secret.hash.clone(),
        scopes: "read".parse().unwrap(),
        page_id: None,
        user_id: Some(made["id"].as_str().unwrap().parse().unwrap()),
        allowed_addresses: vec![],
        expires_at: None,
    };
    server.app.store.record().create_token(of_ada, &Actor::CommandLine).await.unwrap();
    let ada = Caller { token: secret.text, server: &server };
    ada.get("/v1/pages").await;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    let refused = caller.expect(400, "DELETE", &format!("{one}?dry_run=true"), Value::Null).await;
    assert!(refused["message"].as_str().unwrap().contains("nothing was done"), "{refused}");
    let gone = caller.expect(200, "DELETE", &one, Value::Null).await;
    assert_eq!(gone["id"], made["id"]);
    ada.expect(401, "GET", "/v1/pages", Value::Null).await;
    caller.expect(404, "DELETE", &one, Value::Null).await;
    assert_eq!(caller.get(&path).await.as_array().unwrap().len(), 1);
    let raw = database.raw().await;
    let sql = "SELECT after FROM audit_events WHERE action = 'user.create'";
    let statement =
        sea_orm::Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(&raw), sql);
    let rows = sea_orm::ConnectionTrait::query_all_raw(&raw, statement).await.unwrap();
    let told: Vec<String> =
        rows.iter().map(|row| row.try_get::<Value>("", "after").unwrap()["address"].to_string()).collect();
    assert_eq!(told, ["\"a…@example.com\"", "\"b…@example.com\""], "nobody's address");
    server.stop().await;
}

async fn the_last_owner_stays(database: Database) {
    let (server, _) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{}/users", organization(&caller).await);
    let mut owners = vec![];
    for email in ["ada@example.com", "bob@example.com"] {
        let made = caller.expect(201, "POST", &path, user(email, "owner")).await;
        owners.push(format!("{path}/{}", made["id"].as_str().unwrap()));
    }
    caller.expect(201, "POST", &path, user("carol@example.com", "admin")).await;
    let at_once =
        futures_util::future::join_all(owners.iter().map(|one| caller.request("DELETE", one).send())).await;
    let mut statuses: Vec<u16> =
        at_once.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409], "one of two stays");
    let left = caller.get(&path).await;
    let owner = left.as_array().unwrap().iter().find(|one| one["role"] == "owner").unwrap().clone();
    let one = format!("{path}/{}", owner["id"].as_str().unwrap());
    let refused = caller.expect(409, "DELETE", &one, Value::Null).await;
    assert!(refused["message"].as_str().unwrap().contains("last owner"), "{refused}");
    server.stop().await;
}

async fn only_owners_make_owners_and_take_them_away(database: Database) {
    let (server, page) = empty(&database).await;
    let all = Caller::new(&server).await;
    let own = organization(&all).await;
    let path = format!("{own}/users");
    let page = page.rsplit('/').next().unwrap();
    let mut of = vec![];
    for (email, role) in
        [("ada@example.com", "owner"), ("bob@example.com", "admin"), ("eve@example.com", "owner")]
    {
        let made = all.expect(201, "POST", &path, user(email, role)).await;
        let id = made["id"].as_str().unwrap().to_owned();
        let token = token_of(&server.app.store, "all", None, Some(&id.parse().unwrap())).await;
        of.push((id, Caller { server: &server, token }));
    }
    let [(_, owner), (_, admin), (eve, _)] = of.as_slice() else { panic!() };
    let refused = admin.expect(403, "POST", &path, user("new@example.com", "owner")).await;
    assert!(refused["message"].as_str().unwrap().contains("only an owner"), "{refused}");
    admin.expect(403, "DELETE", &format!("{path}/{eve}"), Value::Null).await;
    let edits = json!({ "pages": { page: { "page_configuration": true } } });
    admin.expect(403, "PUT", &format!("{own}/permissions/{eve}"), edits).await;
    admin.expect(201, "POST", &path, user("new@example.com", "admin")).await;
    owner.expect(201, "POST", &path, user("newer@example.com", "owner")).await;
    owner.expect(200, "DELETE", &format!("{path}/{eve}"), Value::Null).await;
    server.stop().await;
}

async fn a_token_allows_no_more_than_its_owner(database: Database) {
    let (server, page) = empty(&database).await;
    let all = Caller::new(&server).await;
    let own = organization(&all).await;
    let made = all.expect(201, "POST", &format!("{own}/users"), user("ada@example.com", "admin")).await;
    let id: Id = made["id"].as_str().unwrap().parse().unwrap();
    let page_id: Id = page.rsplit('/').next().unwrap().parse().unwrap();
    let store = &server.app.store;
    let everywhere = Caller { server: &server, token: token_of(store, "all", None, Some(&id)).await };
    let of_page = Caller { server: &server, token: token_of(store, "all", Some(&page_id), Some(&id)).await };
    let components = format!("{page}/components");
    for caller in [&everywhere, &of_page] {
        caller.expect(201, "POST", &components, component("As an admin")).await;
    }
    let set = async |role| {
        store.record().set_role(&id, role, &Actor::CommandLine).await.unwrap();
        server.app.announce_tokens().await;
    };
    set(Role::Viewer).await;
    for caller in [&everywhere, &of_page] {
        caller.get(&components).await;
        let refused = caller.expect(403, "POST", &components, component("As a viewer")).await;
        assert!(refused["message"].as_str().unwrap().contains("components:write"), "{refused}");
    }
    everywhere.expect(403, "GET", &format!("{own}/users"), Value::Null).await;
    // What they may do on one page, the token of that page may.
    let edits = json!({ "pages": { page_id.as_str(): { "page_configuration": true } } });
    all.expect(200, "PUT", &format!("{own}/permissions/{id}"), edits).await;
    of_page.expect(201, "POST", &components, component("As an editor")).await;
    everywhere.expect(403, "POST", &components, component("As a viewer")).await;
    set(Role::Admin).await;
    everywhere.expect(201, "POST", &components, component("As an admin again")).await;
    server.stop().await;
}

async fn nobody_gives_what_is_not_theirs(database: Database) {
    let (server, page) = empty(&database).await;
    let all = Caller::new(&server).await;
    let own = organization(&all).await;
    let path = format!("{own}/users");
    let admin = all.expect(201, "POST", &path, user("admin@example.com", "admin")).await;
    let some = Caller::with(
        &server,
        "users:write,read,components:write,incidents:write,maintenances:write,alerts:write",
    )
    .await;
    some.expect(201, "POST", &path, user("ada@example.com", "responder")).await;
    let denied = some.expect(403, "POST", &path, user("bob@example.com", "editor")).await;
    assert!(denied["message"].as_str().unwrap().contains("page:write"), "{denied}");
    some.expect(403, "POST", &path, user("bob@example.com", "owner")).await;
    let admin = admin["id"].as_str().unwrap();
    some.expect(403, "DELETE", &format!("{path}/{admin}"), Value::Null).await;
    let page = page.rsplit('/').next().unwrap();
    let permissions = format!("{own}/permissions/{admin}");
    let both = json!({ "pages": { page: { "page_configuration": true } } });
    some.expect(403, "PUT", &permissions, both.clone()).await;
    all.expect(200, "PUT", &permissions, both).await;
    some.expect(403, "PUT", &permissions, json!({ "pages": {} })).await;
    let editor = all.expect(201, "POST", &path, user("editor@example.com", "viewer")).await;
    let editor = editor["id"].as_str().unwrap();
    let edits = json!({ "pages": { page: { "page_configuration": true } } });
    all.expect(200, "PUT", &format!("{own}/permissions/{editor}"), edits).await;
    some.expect(403, "DELETE", &format!("{path}/{editor}"), Value::Null).await;
    some.expect(403, "PUT", &format!("{own}/permissions/{editor}"), json!({ "pages": {} })).await;
    all.expect(404, "GET", &path.replace(&own, "/v1/organizations/nothere00000"), Value::Null).await;
    let key = token(&server.app.store, "all", Some(&page.parse().unwrap())).await;
    let of_one_page = Caller { server: &server, token: key };
    of_one_page.expect(404, "GET", &path, Value::Null).await;
    of_one_page.expect(404, "POST", &path, user("eve@example.com", "owner")).await;
    server.stop().await;
}

async fn permissions_are_roles_on_pages(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let own = organization(&caller).await;
    let made = caller.expect(201, "POST", &format!("{own}/users"), user("ada@example.com", "viewer")).await;
    let path = format!("{own}/permissions/{}", made["id"].as_str().unwrap());
    let page = page.rsplit('/').next().unwrap();
    let three = |configures: bool, incidents: bool, maintenances: bool| json!({ "page_configuration": configures, "incident_manager": incidents, "maintenance_manager": maintenances });
    let told = caller.get(&path).await;
    assert_eq!(told["data"]["user_id"], made["id"]);
    assert_eq!(told["data"]["pages"], json!({ page: three(false, false, false) }));
    for (said, role) in [
        (three(true, false, false), "editor"),
        (three(false, true, true), "responder"),
        (three(true, true, true), "admin"),
        (json!({}), "viewer"),
    ] {
        let told = caller.expect(200, "PUT", &path, json!({ "pages": { page: said } })).await;
        let wanted = if said == json!({}) { three(false, false, false) } else { said };
        assert_eq!(told["data"]["pages"][page], wanted, "{role}");
        let kept = format!("SELECT count(*) FROM page_roles WHERE page_id = '{page}' AND role = '{role}'");
        assert_eq!(crate::support::number(&database, &kept).await, 1, "{role}");
    }
    let half = json!({ "pages": { page: three(false, true, false) } });
    let refused = caller.expect(422, "PUT", &path, half).await;
    assert_eq!(refused["errors"][0]["field"], format!("pages.{page}.maintenance_manager"), "{refused}");
    caller.expect(404, "PUT", &path, json!({ "pages": { "nothere00000": {} } })).await;
    caller.expect(200, "PUT", &path, json!({ "pages": {} })).await;
    assert_eq!(crate::support::number(&database, "SELECT count(*) FROM page_roles").await, 0);
    let form = caller.request("PUT", &path).header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(format!("pages[{page}][page_configuration]=true")).send().await.unwrap();
    assert_eq!(form.status(), 200);
    assert_eq!(caller.get(&path).await["data"]["pages"][page], three(true, false, false));
    let owner = caller.expect(201, "POST", &format!("{own}/users"), user("owner@example.com", "owner")).await;
    let of_owner = caller.get(&format!("{own}/permissions/{}", owner["id"].as_str().unwrap())).await;
    assert_eq!(of_owner["data"]["pages"][page], three(true, true, true), "everywhere");
    caller.expect(404, "GET", &format!("{own}/permissions/nothere00000"), Value::Null).await;
    server.stop().await;
}

async fn who_asks_first_names_the_installation(database: Database) {
    let (server, _) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let at_once = futures_util::future::join_all((0..8).map(|_| organization(&caller))).await;
    assert!(at_once.iter().all(|one| *one == at_once[0]), "{at_once:?}");
    let other = database.connect(&crate::support::clock()).await;
    assert!(at_once[0].ends_with(other.organization().await.unwrap().as_str()), "it stays");
    server.stop().await;
}
