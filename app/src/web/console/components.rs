//! The components of a page.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    Asked, Call, Entry, Failure, get, list,
    permission::{ConfiguresPage, MovesComponents, Reads},
    post,
};
use crate::{
    domain::{
        Id,
        page::is_control,
        record::{ComponentRecord, GroupRecord},
        status::ComponentStatus,
        token::Scope,
    },
    render::console::{self, Board, Section},
    store::{Change, ComponentChanges, GroupChanges, Include, Slice},
};

const ALL: Slice = Slice { offset: 0, limit: 5_000 };
const PATH: &str = "/admin/pages/{page}/components";
const STATUS: &str = "/admin/pages/{page}/components/status";
const MORE: &str = "/admin/pages/{page}/components/more";
const ONE: &str = "/admin/pages/{page}/components/{component}";
const GROUP: &str = "/admin/pages/{page}/components/groups/{group}";

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(STATUS, set), post(MORE, more), post(ONE, change), post(GROUP, change_group)]
}

async fn show(asked: Asked<Reads>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, None).await
}

async fn draw(call: &Call, status: StatusCode, wrong: Option<&str>) -> Result<HttpResponse, Failure> {
    let (page, _) = call.page()?;
    let moment = call.console.store.moment(&page).await?;
    let groups: Vec<GroupRecord> = moment.view().groups(ALL, Include::default()).await?;
    let components: Vec<ComponentRecord> = moment.view().components(ALL, Include::default()).await?;
    drop(moment);
    Ok(call.html(status, |frame| {
        frame.title = "Components".into();
        frame.section = Section::Components;
        let board = Board {
            page: &page,
            groups: &groups,
            components: &components,
            may_move: call.may(Scope::ComponentsWrite),
            may_change: call.may(Scope::PageWrite),
            wrong,
        };
        console::board(frame, &board)
    }))
}

async fn done(call: &Call, change: Change, said: &str) -> Result<HttpResponse, Failure> {
    let (page, _) = call.page()?;
    call.console.commit(change).await?;
    Ok(call.to(&format!("/admin/pages/{page}/components?said={said}")))
}

async fn begin(call: &Call) -> Result<Change, Failure> {
    let (page, _) = call.page()?;
    Ok(call.console.store.change(&page, call.actor()?).await?)
}

/// Several at once.
async fn set(asked: Asked<MovesComponents>) -> Result<HttpResponse, Failure> {
    let ticked: Vec<Id> = asked
        .form
        .0
        .iter()
        .filter(|(name, _)| name == "component")
        .filter_map(|(_, id)| id.parse().ok())
        .collect();
    let status = ComponentStatus::parse(asked.form.text("status"));
    let (Some(status), false) = (status, ticked.is_empty()) else {
        let text = "Tick at least one component, and say how it is.";
        return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, Some(text)).await;
    };
    let mut change = begin(&asked).await?;
    for id in &ticked {
        change.set_status(id, status).await?;
    }
    done(&asked, change, "set").await
}

async fn more(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let lines = match list::parse(asked.form.raw("components")) {
        Ok(lines) => lines,
        Err(text) => return Err(Failure::Refused(text)),
    };
    let mut change = begin(&asked).await?;
    list::make(&mut change, lines).await?;
    done(&asked, change, "added").await
}

fn name(call: &Call) -> Result<String, Failure> {
    let name = call.form.text("name");
    if name.is_empty() || name.chars().count() > 255 || name.contains(is_control) {
        return Err(Failure::Refused("Name: allowed are 1 to 255 characters, without line breaks.".into()));
    }
    Ok(name.to_owned())
}

fn sure(call: &Call) -> Result<(), Failure> {
    if call.form.text("sure") == "true" {
        return Ok(());
    }
    Err(Failure::Refused("Tick that you are sure.".into()))
}

fn seen(call: &Call) -> Option<i64> {
    // Who says no version has seen none.
    Some(call.form.text("version").parse().unwrap_or(0))
}

async fn change(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let id = asked.id("component")?;
    let mut change = begin(&asked).await?;
    match asked.form.text("do") {
        "delete" => {
            sure(&asked)?;
            change.delete_component(&id, seen(&asked)).await?;
            done(&asked, change, "deleted").await
        }
        "up" => {
            shift(&mut change, &id, -1).await?;
            done(&asked, change, "saved").await
        }
        "down" => {
            shift(&mut change, &id, 1).await?;
            done(&asked, change, "saved").await
        }
        "save" => {
            let description = asked.form.text("description");
            if description.chars().count() > 2_000 || description.contains(is_control) {
                return Err(Failure::Refused(
                    "Description: allowed are 2000 characters, without line breaks.".into(),
                ));
            }
            let group = asked.form.text("group");
            let group =
                if group.is_empty() { None } else { Some(group.parse().map_err(|_| Failure::NotFound)?) };
            let changes = ComponentChanges {
                name: Some(name(&asked)?),
                description: Some((!description.is_empty()).then(|| description.to_owned())),
                group_id: Some(group),
                hidden: Some(asked.form.text("hidden") == "true"),
                ..ComponentChanges::default()
            };
            change.update_component(&id, seen(&asked), changes).await?;
            done(&asked, change, "saved").await
        }
        _ => draw(&asked, StatusCode::OK, None).await,
    }
}

/// Moves a component by one place among those beside it.
async fn shift(change: &mut Change, id: &Id, by: isize) -> Result<(), Failure> {
    let all = change.view().components(ALL, Include::default()).await?;
    let group =
        all.iter().find(|one| one.component.id == *id).ok_or(Failure::NotFound)?.component.group_id.clone();
    let mut beside: Vec<&ComponentRecord> =
        all.iter().filter(|one| one.component.group_id == group).collect();
    let at = beside.iter().position(|one| one.component.id == *id).ok_or(Failure::NotFound)?;
    let Some(to) = at.checked_add_signed(by).filter(|to| *to < beside.len()) else { return Ok(()) };
    beside.swap(at, to);
    for (position, one) in (1..).zip(beside) {
        if one.component.position != position {
            let changes = ComponentChanges { position: Some(position), ..ComponentChanges::default() };
            change.update_component(&one.component.id, None, changes).await?;
        }
    }
    Ok(())
}

async fn change_group(asked: Asked<ConfiguresPage>) -> Result<HttpResponse, Failure> {
    let id = asked.id("group")?;
    let mut change = begin(&asked).await?;
    if asked.form.text("do") == "delete" {
        sure(&asked)?;
        change.delete_group(&id, seen(&asked)).await?;
        return done(&asked, change, "deleted").await;
    }
    let changes = GroupChanges { name: Some(name(&asked)?), ..GroupChanges::default() };
    change.update_group(&id, seen(&asked), changes).await?;
    done(&asked, change, "saved").await
}
