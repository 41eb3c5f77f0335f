//! The people who run the pages.

use actix_web::{HttpResponse, http::StatusCode};

use super::{
    Asked, Call, Entry, Failure, get, links,
    permission::{Confirmed, ManagesPeople, Owns},
    post,
};
use crate::{
    domain::{Id, account::Purpose, address, letter::Letter, record::User, role::Role},
    render::console::{self, People, Section},
    store::{NewUser, Slice},
};

const PER_SCREEN: u64 = 50;
const PATH: &str = "/admin/people";

pub fn routes() -> Vec<Entry> {
    vec![
        get(PATH, show),
        post(PATH, invite),
        post("/admin/people/second-step", ask_for_second_step),
        post("/admin/people/{user}/role", set_role),
        post("/admin/people/{user}/link", make_link),
        post("/admin/people/{user}/mail", mail_link),
        post("/admin/people/{user}/disabled", set_disabled),
    ]
}

async fn show(asked: Asked<ManagesPeople>) -> Result<HttpResponse, Failure> {
    draw(&asked, StatusCode::OK, None, None).await
}

async fn draw(
    call: &Call,
    status: StatusCode,
    link: Option<(&str, &str, Purpose)>,
    wrong: Option<&str>,
) -> Result<HttpResponse, Failure> {
    let number = call.number();
    let slice = Slice { offset: (number - 1) * PER_SCREEN, limit: PER_SCREEN + 1 };
    let mut users = call.console.store.users(slice).await?;
    let more = users.len() as u64 > PER_SCREEN;
    users.truncate(PER_SCREEN as usize);
    let me = call.me()?.user().clone();
    let roles = roles(&me);
    let second_step = call.console.store.second_step_roles().await?;
    let mails = call.console.app.mailing.mailer.reaches_people();
    let (email, name) = match link {
        Some(_) => ("", ""),
        None => (call.form.text("email"), call.form.text("name")),
    };
    Ok(call.html(status, |frame| {
        frame.title = "People".into();
        frame.section = Section::People;
        let shown = People {
            users: &users,
            me: &me.id,
            roles: &roles,
            second_step: &second_step,
            is_owner: me.role == Role::Owner,
            link,
            mails,
            wrong,
            email,
            name,
            number,
            more,
        };
        console::people(frame, &shown)
    }))
}

/// Who is no owner makes none, and takes none away.
fn roles(me: &User) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| *role != Role::Owner || me.role == Role::Owner).collect()
}

fn role(call: &Call) -> Result<Role, Failure> {
    let role = Role::parse(call.form.text("role")).ok_or(Failure::NotFound)?;
    if roles(call.me()?.user()).contains(&role) {
        return Ok(role);
    }
    Err(Failure::Forbidden("Only an owner makes somebody an owner.".into()))
}

async fn linked(call: &Call, user: &User, purpose: Purpose) -> Result<HttpResponse, Failure> {
    let made = call.console.store.record().create_link(purpose, Some(&user.id), &call.actor()?).await?;
    let address = format!("{}/admin/links/{}", call.console.own_url, made.ok_or(Failure::NotFound)?);
    draw(call, StatusCode::OK, Some((&address, &user.email, purpose)), None).await
}

async fn invite(asked: Asked<Confirmed<ManagesPeople>>) -> Result<HttpResponse, Failure> {
    if asked.form.text("do") == "edit" {
        return draw(&asked, StatusCode::OK, None, None).await;
    }
    let role = role(&asked)?;
    let read = address::email(asked.form.text("email"))
        .and_then(|email| Ok(NewUser { email, name: links::person(asked.form.text("name"))?, role }));
    let new = match read {
        Ok(new) => new,
        Err(text) => return draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, None, Some(&text)).await,
    };
    match asked.console.store.record().create_user(new, &asked.actor()?).await.map_err(Failure::from) {
        Ok(user) => invited(&asked, &user).await,
        Err(Failure::Refused(text)) => {
            draw(&asked, StatusCode::UNPROCESSABLE_ENTITY, None, Some(&text)).await
        }
        Err(failure) => Err(failure),
    }
}

/// By mail; where no mail server is set, the link is shown as well.
async fn invited(call: &Call, user: &User) -> Result<HttpResponse, Failure> {
    call.console.store.record().post(&Letter::Invitation { user: user.id.clone() }).await?;
    if call.console.app.mailing.mailer.reaches_people() || call.console.is_sso_only() {
        return Ok(call.to("/admin/people?said=invited"));
    }
    linked(call, user, Purpose::Invitation).await
}

/// Somebody whom the caller may change: not themselves, and an owner only by an owner.
async fn other(call: &Call) -> Result<User, Failure> {
    let (id, me): (Id, _) = (call.id("user")?, call.me()?.user());
    if id == me.id {
        return Err(Failure::Refused("Somebody else has to change this of you.".into()));
    }
    let user = call.console.store.user(&id).await?;
    if roles(me).contains(&user.role) {
        return Ok(user);
    }
    Err(Failure::Forbidden("Only an owner changes an owner.".into()))
}

async fn set_role(asked: Asked<Confirmed<ManagesPeople>>) -> Result<HttpResponse, Failure> {
    let (user, role) = (other(&asked).await?, role(&asked)?);
    asked.console.store.record().set_role(&user.id, role, &asked.actor()?).await?;
    // Their tokens allow no more than they may.
    asked.console.app.announce_tokens().await;
    Ok(asked.to("/admin/people?said=role"))
}

/// Somebody who may be given a link to choose a password.
async fn with_password(call: &Call) -> Result<User, Failure> {
    let user = other(call).await?;
    if call.console.app.is_bound(&user.id).await? {
        return Err(Failure::Refused(call.console.by_provider()));
    }
    Ok(user)
}

async fn make_link(asked: Asked<Confirmed<ManagesPeople>>) -> Result<HttpResponse, Failure> {
    let user = with_password(&asked).await?;
    linked(&asked, &user, Purpose::Reset).await
}

async fn mail_link(asked: Asked<Confirmed<ManagesPeople>>) -> Result<HttpResponse, Failure> {
    let user = with_password(&asked).await?;
    let credentials = asked.console.store.credentials(&user.id).await?;
    let letter = match credentials.password_hash {
        Some(_) => Letter::Reset { email: user.email },
        None => Letter::Invitation { user: user.id },
    };
    asked.console.store.record().post(&letter).await?;
    Ok(asked.to("/admin/people?said=mailed"))
}

async fn ask_for_second_step(asked: Asked<Confirmed<Owns>>) -> Result<HttpResponse, Failure> {
    let wanted = Role::ALL.into_iter().filter(|role| asked.form.has(&format!("role.{}", role.as_str())));
    let wanted: Vec<Role> = wanted.collect();
    asked.console.store.record().set_second_step_roles(&wanted, &asked.actor()?).await?;
    Ok(asked.to("/admin/people?said=saved"))
}

async fn set_disabled(asked: Asked<Confirmed<ManagesPeople>>) -> Result<HttpResponse, Failure> {
    let user = other(&asked).await?;
    let disabled = asked.form.text("disabled") == "yes";
    asked.console.store.record().set_disabled(&user.id, disabled, &asked.actor()?).await?;
    // Their tokens are dead from now on.
    asked.console.app.announce_tokens().await;
    Ok(asked.to(if disabled { "/admin/people?said=disabled" } else { "/admin/people?said=enabled" }))
}
