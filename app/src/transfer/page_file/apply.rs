//! Making a page like a file, in one change.

use super::{
    WrongFile,
    differences::Difference,
    held::OnPage,
    page,
    plan::{Plan, Sign, Step},
    read::File,
    resolve::resolve,
    work::Work,
};
use crate::{
    domain::Id,
    store::{Actor, Change, Committed, NewPage, Store},
};

/// What is wished for.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The page; else the one that the file names, else the only one there is.
    pub page: Option<Id>,
    /// Whether what the file does not name goes, of the kinds that it names.
    pub prune: bool,
    /// Whether it is only to be said what would be done.
    pub dry_run: bool,
}

/// What was done, or would be.
#[derive(Debug)]
pub struct Outcome {
    pub plan: Plan,
    /// None, if there was nothing to do or nothing was to be done.
    pub committed: Option<Committed>,
}

/// Makes a page like a file. What can't be is refused as a [`WrongFile`], and nothing is done.
pub async fn apply(store: &Store, file: &File, wish: &Wish) -> anyhow::Result<Outcome> {
    let (mut change, made) = begin(store, file, wish).await?;
    let held = OnPage::read(change.view()).await?;
    let resolved = resolve(file, &held, wish.prune)?;
    let mut plan = Plan::default();
    set_page(&mut change, file, &held, made, &mut plan).await?;
    Work { file, held: &held, resolved: &resolved, change: &mut change, plan: &mut plan }
        .run(wish.prune)
        .await?;
    let committed = match wish.dry_run || plan.is_empty() {
        true => None,
        false => Some(change.commit().await?),
    };
    Ok(Outcome { plan, committed })
}

/// A change of the page that is meant, and whether it is only being made.
async fn begin(store: &Store, file: &File, wish: &Wish) -> anyhow::Result<(Change, bool)> {
    let part = file.says.page.clone().unwrap_or_default();
    let refused = |pointer: &str, text: &str| WrongFile(vec![file.wrong(pointer, text)]);
    let said = part.id.as_ref().map(|id| id.parse::<Id>()).transpose();
    let said = said.map_err(|error| refused("/page/id", &error.to_string()))?;
    if let (Some(said), Some(wished)) = (&said, &wish.page)
        && said != wished
    {
        return Err(refused("/page/id", &format!("is {said}, and --page says {wished}")).into());
    }
    let pages: Vec<Id> = store.versions().await?.into_iter().map(|(id, _)| id).collect();
    let id = match (said.or_else(|| wish.page.clone()), pages.as_slice()) {
        (Some(id), _) if pages.contains(&id) => id,
        (Some(id), _) if store.is_empty().await? => return make(store, file, id).await,
        (Some(id), _) => {
            let text = format!(
                "there is no page {id}; `pharos page list` lists those there are, `pharos page create` makes one"
            );
            return Err(refused("/page/id", &text).into());
        }
        (None, [only]) => only.clone(),
        (None, []) => return make(store, file, Id::random()).await,
        (None, _) => {
            let text = "is needed where there are several pages; `pharos page list` lists them";
            return Err(refused("/page/id", text).into());
        }
    };
    Ok((store.change(&id, Actor::CommandLine).await?, false))
}

/// The first page of an installation.
async fn make(store: &Store, file: &File, id: Id) -> anyhow::Result<(Change, bool)> {
    let name = file.says.page.as_ref().and_then(|part| part.name.clone());
    let missing = || WrongFile(vec![file.wrong("/page/name", "is needed: there is no page yet")]);
    let page = NewPage { id, ..NewPage::named(&name.ok_or_else(missing)?) };
    Ok((store.change_new_page(page, Actor::CommandLine).await?, true))
}

async fn set_page(
    change: &mut Change,
    file: &File,
    held: &OnPage,
    made: bool,
    plan: &mut Plan,
) -> anyhow::Result<()> {
    let part = file.says.page.clone().unwrap_or_default();
    let wanted = page::wanted(file, &part, &held.page);
    if !wanted.wrong.is_empty() {
        return Err(WrongFile(wanted.wrong).into());
    }
    let (settings, differences) = (wanted.settings, wanted.differences);
    if differences.is_empty() && !made {
        return Ok(());
    }
    if !differences.is_empty() {
        change.set_page(settings).await.map_err(|error| refused(file, "/page", error))?;
    }
    let sign = if made { Sign::Make } else { Sign::Change };
    let name = differences.iter().find(|one| one.field == "name").and_then(Difference::text);
    let what = format!("page {:?}", name.unwrap_or(held.page.name.clone()));
    plan.steps.push(Step { sign, what, differences });
    Ok(())
}

/// What the store does not take of an entry.
pub fn refused(file: &File, pointer: &str, error: crate::store::StoreError) -> anyhow::Error {
    use crate::store::StoreError::{Conflict, NotFound, Refused};
    match error {
        Refused(text) | Conflict(text) => WrongFile(vec![file.wrong(pointer, &text)]).into(),
        NotFound(what) => WrongFile(vec![file.wrong(pointer, &format!("{what} does not exist"))]).into(),
        other => other.into(),
    }
}
