//! Status as code: a page made like a file, and written as one.

use std::collections::BTreeMap;

use pharos::{
    domain::Id,
    store::{Actor, NewPage, Store},
    transfer::page_file::{File, Outcome, Wish, WrongFile, apply, export},
};
use serde_json::Value;

use crate::support::{Database, clock, demo, on_both};

const FILE: &str = r##"
page:
  name: Acme
  description: Everything we run
  support_url: https://help.example.com
  time_zone: Europe/Berlin
  accent: "#0A5ADD"
  embed: {position: bottom-left}
components:
  - name: Website
  - name: Platform
    description: What others build on
    components:
      - name: API
        showcase: false
        link: https://api.example.com
        start_date: 2026-01-31
      - name: Regions
        components:
          - name: Frankfurt
  - name: Mail
templates:
  - name: Outage
    title: The API is down
    body: |
      We are looking into it.

      More soon.
    group: Platform
    components: [API, Website]
metrics:
  - name: Latency
    suffix: ms
    y_axis_min: 0
alert_rules:
  - name: The API is down
    matchers:
      - {label: service, op: "=", value: api}
    component: API
    component_status: major_outage
    template: Outage
    for_seconds: 120
"##;

async fn made(store: &Store, text: &str, wish: Wish) -> anyhow::Result<Outcome> {
    let file = File::read("page.yaml", text)?;
    apply(store, &file, &wish).await
}

async fn wrong(store: &Store, text: &str) -> String {
    let error = made(store, text, Wish { prune: true, ..Wish::default() }).await.unwrap_err();
    error.downcast::<WrongFile>().unwrap().to_string()
}

/// The only page and its revision.
async fn page(store: &Store) -> (Id, i64) {
    let versions = store.versions().await.unwrap();
    assert_eq!(versions.len(), 1);
    (versions[0].0.clone(), versions[0].1.revision)
}

/// What a file that was written says, without ids, which differ from one database to the next.
async fn written(store: &Store) -> String {
    let text = export(store, &page(store).await.0, "http://localhost").await.unwrap();
    let lines = text.lines().filter(|line| !line.trim_start_matches([' ', '-']).starts_with("id: "));
    lines.collect::<Vec<_>>().join("\n")
}

on_both!(a_page_is_made_like_a_file, a_file_that_is_applied_again_changes_nothing);

async fn a_page_is_made_like_a_file(database: Database) {
    let store = database.store(&clock()).await;
    let tried = made(&store, FILE, Wish { dry_run: true, ..Wish::default() }).await.unwrap();
    assert!(
        tried.committed.is_none() && store.versions().await.unwrap().is_empty(),
        "a dry run makes nothing"
    );
    let done = made(&store, FILE, Wish::default()).await.unwrap();
    assert_eq!(done.plan.to_string(), tried.plan.to_string());
    assert_eq!(done.committed.unwrap().version.revision, 1, "one change");
    let (id, _) = page(&store).await;
    let moment = store.moment(&id).await.unwrap();
    let every = pharos::store::Slice { offset: 0, limit: 100 };
    let include = pharos::store::Include::default();
    let components = moment.view().components(every, include).await.unwrap();
    let groups = moment.view().groups(every, include).await.unwrap();
    let group = |name: &str| &groups.iter().find(|one| one.group.name == name).unwrap().group;
    let component = |name: &str| &components.iter().find(|one| one.component.name == name).unwrap().component;
    assert_eq!(group("Regions").parent_id.as_ref(), Some(&group("Platform").id));
    assert_eq!(component("Frankfurt").group_id.as_ref(), Some(&group("Regions").id));
    let api = component("API");
    assert_eq!((api.showcase, api.link.as_deref()), (false, Some("https://api.example.com/")));
    let order = [component("Website").position, group("Platform").position, component("Mail").position];
    assert!(order.is_sorted(), "as the file lists them: {order:?}");
    let rules = moment.view().alert_rules(every, include).await.unwrap();
    let templates = moment.view().templates(every, include).await.unwrap();
    assert_eq!(rules[0].component_id.as_ref(), Some(&api.id));
    assert_eq!(rules[0].template_id.as_ref(), Some(&templates[0].id));
    assert_eq!(templates[0].group_id.as_ref(), Some(&group("Platform").id));
    assert_eq!(templates[0].component_ids.len(), 2);
    let page = moment.view().page("").await.unwrap();
    assert_eq!((page.name.as_str(), page.time_zone.name()), ("Acme", "Europe/Berlin"));
    assert_eq!(page.branding.accent.unwrap().to_string(), "#0a5add");
}

async fn a_file_that_is_applied_again_changes_nothing(database: Database) {
    let store = database.store(&clock()).await;
    made(&store, FILE, Wish::default()).await.unwrap();
    let (id, before) = page(&store).await;
    for prune in [false, true] {
        let again = made(&store, FILE, Wish { prune, ..Wish::default() }).await.unwrap();
        assert!(again.plan.is_empty() && again.committed.is_none(), "{}", again.plan);
    }
    let text = export(&store, &id, "http://localhost/").await.unwrap();
    assert!(
        text.starts_with("# yaml-language-server: $schema=http://localhost/v1/page.schema.json\n"),
        "{text}"
    );
    let back = made(&store, &text, Wish { prune: true, ..Wish::default() }).await.unwrap();
    assert!(back.plan.is_empty(), "{}\n{text}", back.plan);
    assert_eq!(page(&store).await.1, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_goes_out_and_comes_back_the_same() {
    let (_database, server) = demo().await;
    let store = &server.app.store;
    let (id, before) = page(store).await;
    let text = export(store, &id, "http://localhost").await.unwrap();
    let back = made(store, &text, Wish { prune: true, ..Wish::default() }).await.unwrap();
    assert!(back.plan.is_empty(), "{}\n{text}", back.plan);
    assert_eq!(page(store).await.1, before);
    let elsewhere = Database::sqlite().await;
    let copy = elsewhere.store(&clock()).await;
    copy.ensure_page("Status").await.unwrap();
    made(&copy, &text, Wish::default()).await.unwrap();
    assert_eq!(export(&copy, &id, "http://localhost").await.unwrap(), text, "with its ids");
    server.stop().await;
}

#[tokio::test]
async fn what_a_file_does_not_name_goes_only_when_asked() {
    let store = Database::sqlite().await;
    let store = store.store(&clock()).await;
    made(&store, FILE, Wish::default()).await.unwrap();
    let fewer = "components:\n- name: Mail\n- name: Website\nmetrics: []\n";
    let tried = made(&store, fewer, Wish { dry_run: true, ..Wish::default() }).await.unwrap();
    let told = tried.plan.to_string();
    assert!(told.contains("~ component \"Website\"") && told.contains("position: 1 -> 3"), "{told}");
    let (_, alone) = told.split_once("removed by --prune alone: ").unwrap();
    for named in ["group \"Platform\"", "group \"Regions\"", "component \"API\"", "metric \"Latency\""] {
        assert!(alone.contains(named), "{named}: {told}");
    }
    made(&store, fewer, Wish { prune: true, ..Wish::default() }).await.unwrap();
    let left = written(&store).await;
    for gone in ["Platform", "Frankfurt", "API\n", "Latency"] {
        assert!(!left.contains(gone), "{gone}: {left}");
    }
    for kept in ["Mail", "Website", "name: Outage", "name: The API is down", "Everything we run"] {
        assert!(left.contains(kept), "a list that is not there is left alone: {kept}: {left}");
    }
    assert!(left.find("Mail") < left.find("Website"), "{left}");
    let again = made(&store, fewer, Wish { prune: true, ..Wish::default() }).await.unwrap();
    assert!(again.plan.is_empty(), "{}", again.plan);
}

#[tokio::test]
async fn things_are_renamed_by_id_and_moved_by_name() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let first = "page: {name: A}\ncomponents:\n- {id: api, name: API}\n- {name: G, components: [{name: Web}]}\n- {name: H, components: []}\n";
    made(&store, first, Wish::default()).await.unwrap();
    let then = "components:\n- {name: G, components: []}\n- name: H\n  components: [{id: api, name: Interface}, {name: Web}]\n";
    let done = made(&store, then, Wish { prune: true, ..Wish::default() }).await.unwrap();
    let told = done.plan.to_string();
    assert!(
        told.contains("name: \"API\" -> \"Interface\"") && told.contains("group: \"G\" -> \"H\""),
        "{told}"
    );
    assert!(told.contains("0 to make") && told.contains("0 to remove"), "{told}");
    let swapped = "components:\n- name: H\n  components:\n  - {id: api, name: Interface}\n  - {name: Web}\n  - {name: G, components: []}\n";
    made(&store, swapped, Wish::default()).await.unwrap();
    let back = "components:\n- name: G\n  components:\n  - name: H\n    components: [{id: api, name: Interface}, {name: Web}]\n";
    made(&store, back, Wish { prune: true, ..Wish::default() }).await.unwrap();
    let again = made(&store, back, Wish { prune: true, ..Wish::default() }).await.unwrap();
    assert!(again.plan.is_empty(), "a group may change places with the one it stands in: {}", again.plan);
}

#[tokio::test]
async fn what_cant_be_is_said_with_its_place_and_nothing_is_done() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    made(&store, FILE, Wish::default()).await.unwrap();
    let (_, before) = page(&store).await;
    let said: BTreeMap<&str, &str> = BTreeMap::from([
        ("page: {accent: '#ffffff'}", "page.yaml:1: page.accent: its contrast"),
        ("page: {time_zone: Berlin}", "page.yaml:1: page.time_zone: allowed is the IANA name"),
        ("page: {url: 'https://a.example/x'}", "page.yaml:1: page.url: allowed is"),
        ("page: {id: nothere}", "page.yaml:1: page.id: there is no page nothere"),
        ("components:\n- {name: X}\n- {name: X}", "page.yaml:3: components[1].name: another component"),
        (
            "components:\n- {id: a, name: X}\n- {id: a, name: Y}",
            "page.yaml:3: components[1].id: another entry",
        ),
        ("components:\n- {name: X, link: 'https://'}", "page.yaml:2: components[0].link: "),
        (
            "templates:\n- {name: T, body: x, components: [Nope]}",
            "page.yaml:2: templates[0].components[0]: no component is called so",
        ),
        ("templates:\n- {name: T}", "page.yaml:2: templates[0]: body: is needed for a new one"),
        (
            "metrics:\n- {name: M, y_axis_min: 2, y_axis_max: 1}",
            "page.yaml:2: metrics[0]: metric.y_axis_max: allowed is more than 2",
        ),
        (
            "alert_rules:\n- {name: R, matchers: [{label: a, op: '=~', value: '('}], component: API, component_status: major_outage}",
            "page.yaml:2: alert_rules[0]: matchers: the value for a is no regular expression",
        ),
        (
            "alert_rules:\n- {name: R, component: API, matchers: [{label: a, op: '=', value: b}]}",
            "alert_rules[0]: component_id, component_status: ",
        ),
    ]);
    for (text, expected) in said {
        let found = wrong(&store, text).await;
        assert!(found.contains(expected), "{text}: {found}");
    }
    assert_eq!(page(&store).await.1, before);
    // What was deleted keeps its id.
    let id = "page: {name: Acme}\ncomponents: [{id: once, name: Once}]\n";
    made(&store, id, Wish::default()).await.unwrap();
    made(&store, "components: []", Wish { prune: true, ..Wish::default() }).await.unwrap();
    assert!(wrong(&store, id).await.contains("components[0]: id: belongs to something else"));
}

#[tokio::test]
async fn with_several_pages_one_is_named() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let mut ids = vec![];
    for name in ["One", "Two"] {
        let page = NewPage::named(name);
        ids.push(page.id.clone());
        store.change_new_page(page, Actor::CommandLine).await.unwrap().commit().await.unwrap();
    }
    assert!(
        wrong(&store, "page: {name: X}").await.contains("page.id: is needed where there are several pages")
    );
    made(&store, &format!("page: {{id: {}, name: Uno}}", ids[0]), Wish::default()).await.unwrap();
    made(&store, "page: {name: Due}", Wish { page: Some(ids[1].clone()), ..Wish::default() }).await.unwrap();
    let text = format!("page: {{id: {}}}", ids[0]);
    let other = made(&store, &text, Wish { page: Some(ids[1].clone()), ..Wish::default() }).await;
    assert!(other.unwrap_err().to_string().contains("--page says"));
    let mut names = vec![];
    for id in &ids {
        names.push(store.moment(id).await.unwrap().view().page("").await.unwrap().name);
    }
    assert_eq!(names, ["Uno", "Due"]);
}

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/page.schema.json");
const DOCUMENT: &str = include_str!("../../../docs/apply.md");

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_that_is_shipped_is_that_of_the_code() {
    let (_database, server) = demo().await;
    let answer = server.get("/v1/page.schema.json").await;
    assert_eq!(answer.headers()["content-type"], "application/schema+json");
    let served = answer.text().await.unwrap() + "\n";
    if std::env::var_os("PHAROS_WRITE_DOCS").is_some() {
        std::fs::write(SCHEMA, &served).unwrap();
    }
    let shipped = std::fs::read_to_string(SCHEMA).unwrap();
    assert!(served == shipped, "run the tests with PHAROS_WRITE_DOCS=1");
    let schema: Value = serde_json::from_str(&served).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let id = page(&server.app.store).await.0;
    let text = export(&server.app.store, &id, "http://localhost").await.unwrap();
    let exported: Value = serde_saphyr::from_str(&text).unwrap();
    let errors: Vec<String> = validator.iter_errors(&exported).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let typo = serde_json::json!({ "components": [{ "name": "X", "shwcase": true }] });
    assert!(!validator.is_valid(&typo));
    server.stop().await;
}

#[tokio::test]
async fn the_example_of_the_documentation_can_be_applied() {
    let example = DOCUMENT.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let done = made(&store, example, Wish::default()).await.unwrap();
    assert!(done.committed.is_some());
    let again = made(&store, example, Wish::default()).await.unwrap();
    assert!(again.plan.is_empty(), "{}", again.plan);
}

#[test]
fn the_command_line_applies_and_exports() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("page.yaml"), FILE).unwrap();
    std::fs::write(folder.path().join("wrong.yaml"), "page:\n  nmae: X\n").unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pharos"));
        command.current_dir(folder.path()).env_clear().env("PHAROS_LOG_FORMAT", "text");
        let output = command.args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (output.status.code().unwrap(), said.concat())
    };
    let (code, said) = run(&["apply", "-f", "page.yaml", "--dry-run"]);
    assert!(code == 0 && said.contains("+ component \"API\"") && said.contains("Nothing was done"), "{said}");
    let (code, said) = run(&["apply", "-f", "page.yaml"]);
    assert!(code == 0 && said.contains("is at revision 1 now"), "{said}");
    let (code, said) = run(&["apply", "-f", "page.yaml", "--prune"]);
    assert_eq!((code, said.as_str()), (0, "Nothing to do: the page is as the file says.\n"));
    let (code, said) = run(&["apply", "-f", "wrong.yaml"]);
    assert!(code == 64 && said.contains("wrong.yaml:2: page.nmae: is not known here; allowed are"), "{said}");
    let (code, said) = run(&["export", "--format", "yaml", "--output", "out.yaml"]);
    assert_eq!((code, said.as_str()), (0, ""));
    let (code, said) = run(&["apply", "-f", "out.yaml", "--prune"]);
    assert!(code == 0 && said.starts_with("Nothing to do"), "{said}");
    assert_eq!(run(&["export", "--format", "yaml", "--with-people"]).0, 64);
    assert_eq!(run(&["apply"]).0, 64);
    let (code, schema) = run(&["apply", "--schema"]);
    assert!(code == 0 && schema == std::fs::read_to_string(SCHEMA).unwrap(), "{schema}");
}

#[test]
fn what_is_no_yaml_is_said_in_words() {
    // Without optimisation each level takes much of a stack, of which a test has less than a program.
    let said = std::thread::Builder::new().stack_size(16 << 20).spawn(say_what_is_no_yaml);
    said.unwrap().join().unwrap();
}

fn say_what_is_no_yaml() {
    let deep = format!("page: {}1{}", "[".repeat(100), "]".repeat(100));
    for (text, said) in [
        ("page: {name: A}\npage: {name: B}\n", "page.yaml:2: \"page\" is there twice"),
        (deep.as_str(), "64 lists and maps within each other"),
    ] {
        let wrong = File::read("page.yaml", text).unwrap_err().to_string();
        assert!(wrong.contains(said) && !wrong.contains("Options") && !wrong.contains("budget"), "{wrong}");
    }
}
