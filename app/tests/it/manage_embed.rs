//! The management API: the looks of a page's embed.

use serde_json::{Value, json};

use crate::{
    manage::empty,
    support::{Caller, Database, on_both},
};

on_both!(an_embed_has_the_looks_that_were_set);

async fn an_embed_has_the_looks_that_were_set(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let path = format!("{page}/status_embed_config");
    let config = |fields: Value| json!({ "status_embed_config": fields });
    let bare = caller.get(&path).await;
    assert_eq!(bare["page_id"], page.rsplit('/').next().unwrap());
    assert!(bare["position"].is_null() && bare["incident_text_color"].is_null(), "{bare}");
    let body = config(json!({
        "position": "top-right",
        "incident_background_color": "#400000",
        "incident_text_color": "#ffffff",
        "maintenance_background_color": "#001040",
    }));
    caller.expect(200, "PATCH", &path, body).await;
    let shown = server.text("/embed/script.js").await;
    assert!(shown.contains("\"position\":\"top-right\""), "shown at once: {shown}");
    let changed =
        caller.expect(200, "PUT", &path, config(json!({ "maintenance_background_color": null }))).await;
    assert_eq!(
        (
            &changed["position"],
            &changed["incident_background_color"],
            &changed["maintenance_background_color"]
        ),
        (&json!("top-right"), &json!("#400000"), &Value::Null),
        "what is not said stays"
    );
    let pale = caller.expect(422, "PATCH", &path, config(json!({ "incident_text_color": "#401010" }))).await;
    assert_eq!(pale["errors"][1]["field"], "status_embed_config.incident_text_color", "{pale}");
    assert!(pale["message"].as_str().unwrap().contains("4.5 to 1"), "{pale}");
    for (field, value) in [("position", "middle"), ("incident_text_color", "red")] {
        let refused = caller.expect(422, "PATCH", &path, config(json!({ field: value }))).await;
        assert_eq!(refused["errors"][0]["field"], format!("status_embed_config.{field}"));
        assert!(refused["message"].as_str().unwrap().contains("allowed"), "{refused}");
    }
    assert_eq!(caller.get(&path).await, changed);
    let late = caller.request("PATCH", &path).header("if-match", "\"0000000000000000\"");
    let late = late.header("content-type", "application/json");
    let late = late.body(config(json!({ "position": "top-left" })).to_string()).send().await.unwrap();
    assert_eq!(late.status(), 412);
    caller.expect(404, "GET", "/v1/pages/nothere00000/status_embed_config", Value::Null).await;
    server.stop().await;
}
