//! Links that let somebody in once. Who opens one is shown a form; sending that uses it, so that
//! programs which look at links use none.

use actix_web::{HttpResponse, http::StatusCode};

use super::{Asked, Call, Entry, Failure, enter, get, passwords, permission::Anyone, post};
use crate::{
    domain::{
        account::{Link, Purpose},
        address,
        page::is_control,
        role::Role,
    },
    render::console,
    store::NewUser,
};

const PATH: &str = "/admin/links/{token}";

pub fn routes() -> Vec<Entry> {
    vec![get(PATH, show), post(PATH, enter)]
}

fn token(call: &Call) -> &str {
    call.request.match_info().get("token").unwrap_or_default()
}

async fn found(call: &Call) -> Result<Link, Failure> {
    let fits = token(call).len() <= 64 && token(call).bytes().all(|byte| byte.is_ascii_alphanumeric());
    let link = if fits { call.console.store.link(token(call)).await? } else { None };
    // Where nobody has a password, nobody chooses one.
    let chooses = |link: &Link| matches!(link.purpose, Purpose::Invitation | Purpose::Reset);
    let mut link = link.filter(|link| !(call.console.is_sso_only() && chooses(link)));
    if let Some(user) = link.as_ref().filter(|link| chooses(link)).and_then(|link| link.user.as_ref())
        && call.console.app.is_bound(&user.id).await?
    {
        link = None;
    }
    link.ok_or_else(|| {
        call.html(StatusCode::NOT_FOUND, |frame| {
            frame.title = "This link leads nowhere".into();
            let text = "It was used already, or it is too old. Ask for another one.";
            console::message(frame, text, maud::Markup::default())
        })
        .into()
    })
}

async fn show(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    let link = found(&asked).await?;
    Ok(form(&asked, StatusCode::OK, &link, None))
}

fn form(call: &Call, status: StatusCode, link: &Link, wrong: Option<(&str, &str)>) -> HttpResponse {
    let path = format!("/admin/links/{}", token(call));
    let typed = (call.form.text("name"), call.form.text("email"));
    call.html(status, |frame| {
        frame.title = "Welcome".into();
        // Whoever else is signed in in this browser is not whom it is for.
        frame.who = None;
        console::by_link(frame, &path, link, typed, wrong)
    })
}

async fn enter(asked: Asked<Anyone>) -> Result<HttpResponse, Failure> {
    asked.console.throttle.try_once(&format!("link {}", asked.address), asked.address).await?;
    let link = found(&asked).await?;
    let refused = |field: &str, text: &str| {
        Ok(form(&asked, StatusCode::UNPROCESSABLE_ENTITY, &link, Some((field, text))))
    };
    if link.purpose == Purpose::SignIn {
        let user = asked.console.store.record().use_sign_in_link(token(&asked)).await?;
        let credentials = asked.console.store.credentials(&user.id).await?;
        return enter::begin(&asked, &credentials, "link").await;
    }
    let owner = match owner(&asked, &link) {
        Ok(owner) => owner,
        Err((field, text)) => return refused(field, &text),
    };
    let password = asked.form.raw("new_password").to_owned();
    let known = owner.as_ref().map(|owner| (owner.email.clone(), owner.name.clone()));
    let known = known.or_else(|| link.user.as_ref().map(|user| (user.email.clone(), user.name.clone())));
    let (email, name) = known.unwrap_or_default();
    if let Err(text) = passwords::check(&password, &[&email, &name]) {
        return refused("new_password", &text);
    }
    let hash = passwords::hash(password).await?;
    let address = asked.address.to_string();
    let record = asked.console.store.record();
    let user = match owner {
        Some(owner) => record.set_up(token(&asked), owner, hash, &address).await?,
        None => record.choose_password(token(&asked), &link, hash, &address).await?,
    };
    let credentials = asked.console.store.credentials(&user.id).await?;
    if credentials.totp_secret.is_some() {
        return Ok(enter::ask_for_code(&asked, &credentials));
    }
    let first = asked.console.pages().into_iter().next();
    let start = first.map(|page| format!("/admin/pages/{}/start?said=welcome", page.id));
    let towards = start.filter(|_| link.purpose == Purpose::SetUp).unwrap_or_else(|| "/admin".into());
    let by = match link.purpose {
        Purpose::Invitation => "invitation",
        Purpose::Reset => "reset",
        // The first owner comes by a link of the machine.
        Purpose::SetUp | Purpose::SignIn => "link",
    };
    enter::begin_towards(&asked, &credentials, by, &towards).await
}

/// Who becomes the first owner, where the installation is to be set up.
fn owner(call: &Call, link: &Link) -> Result<Option<NewUser>, (&'static str, String)> {
    if link.purpose != Purpose::SetUp {
        return Ok(None);
    }
    let name = person(call.form.text("name")).map_err(|text| ("name", text))?;
    let email = address::email(call.form.text("email")).map_err(|text| ("email", text))?;
    Ok(Some(NewUser { email, name, role: Role::Owner }))
}

/// A person's name.
pub fn person(text: &str) -> Result<String, String> {
    if text.chars().count() > 100 || text.contains(is_control) {
        return Err("allowed are up to 100 characters, without line breaks".into());
    }
    Ok(text.to_owned())
}
