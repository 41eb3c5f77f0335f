//! One request to the console: what was sent, by whom, about which page.

use std::{marker::PhantomData, net::IpAddr, ops::Deref, rc::Rc, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{CONTENT_TYPE, HeaderName, REFERER, USER_AGENT},
    },
    web::{Data, Payload},
};
use futures_util::StreamExt;
use maud::{Markup, html};

use super::{
    Console,
    cookie::Held,
    failure::Failure,
    form::{File, Form, Kept, LARGEST, own_path, with_files},
    origin,
    permission::{Permission, WatchesSystem},
};
use crate::{
    domain::{
        Id,
        account::Session,
        page::is_control,
        record::User,
        role::Role,
        token::{Scope, Scopes},
    },
    live::Snapshot,
    passkeys::Party,
    render::console::{self, Frame, PageName, Section, SignIn, Ways, Who},
    store::{Actor, Credentials, PageRoles},
    web::address,
};

/// How long an answer may take.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Me {
    pub credentials: Credentials,
    pub session: Session,
    pub page_roles: PageRoles,
    /// Whether their role needs a second step that they have not set up.
    pub lacks_second_step: bool,
    /// Whether they lack it here alone: a passkey of theirs stands for both steps, so that nobody sets a device up
    /// who has only their password.
    pub must_use_passkey: bool,
    /// Whether they sign in with the organization's provider alone.
    pub is_bound: bool,
}

impl Me {
    pub fn user(&self) -> &User {
        &self.credentials.user
    }

    /// What they are, everywhere or on some page.
    fn roles(&self) -> impl Iterator<Item = Role> {
        std::iter::once(self.user().role).chain(self.page_roles.values().copied())
    }

    /// What they may do on a page; without one, everywhere.
    pub fn scopes(&self, page: Option<&Id>) -> Scopes {
        let on_page = page.and_then(|page| self.page_roles.get(page)).map(|role| role.scopes());
        self.user().role.scopes().iter().chain(on_page.iter().flat_map(|scopes| scopes.iter())).collect()
    }
}

/// What the console's script says when nobody asked it to look.
const LIVE: HeaderName = HeaderName::from_static("x-pharos-live");

/// A request as it came.
#[derive(Debug)]
pub struct Call {
    pub console: Arc<Console>,
    pub request: HttpRequest,
    pub form: Form,
    pub files: Vec<File>,
    pub query: Form,
    pub address: IpAddr,
    pub held: Held,
    pub me: Option<Me>,
}

/// A request of somebody who holds a permission.
#[derive(Debug)]
pub struct Asked<P>(Rc<Call>, PhantomData<P>);

impl<P> Deref for Asked<P> {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.0
    }
}

impl<P: Permission> Asked<P> {
    /// Lets in who may do it; all others are told what is missing, with what they typed.
    pub fn admit(call: Rc<Call>) -> Result<Self, Failure> {
        let posted = call.request.method() == Method::POST;
        if P::SIGNED_IN && call.me.is_none() {
            return Err(call.sign_in_first().into());
        }
        if posted && !call.held.fits(&call.console.app.keys, call.form.raw("csrf")) {
            return Err(Failure::Forged);
        }
        let page = call.page_id();
        if call.request.match_info().get("page").is_some() && call.snapshot().is_none() {
            return Err(Failure::NotFound);
        }
        if let Some(me) = &call.me {
            if P::SIGNED_IN && me.lacks_second_step && !P::BEFORE_SECOND_STEP {
                return Err(call.second_step_first().into());
            }
            if !P::allows(me.scopes(page.as_ref())) {
                let needed: Vec<&str> = P::SCOPES.iter().map(|scope| scope.as_str()).collect();
                let text =
                    format!("Your role lacks {}. An owner or admin can give it to you.", needed.join(", "));
                return Err(Failure::Forbidden(text));
            }
            if P::OWNER && me.user().role != Role::Owner {
                return Err(Failure::Forbidden("Only an owner may do this.".into()));
            }
            if P::CONFIRMED && !me.session.is_confirmed(call.console.store.now()) {
                return Err(call.confirm_first().into());
            }
        }
        Ok(Self(call, PhantomData))
    }
}

impl Call {
    /// Reads a request. What can't be read, or was sent by another site, is answered at once.
    pub async fn read(
        console: &Data<Console>,
        request: HttpRequest,
        mut payload: Payload,
    ) -> Result<Self, Box<(Self, Failure)>> {
        let held = Held::of(&request, console.secure);
        let query = Form::parse(request.query_string().as_bytes()).unwrap_or_default();
        let address = address::address(&request, &console.trusted);
        let console = console.clone().into_inner();
        let mut call =
            Self { console, request, form: Form::default(), files: vec![], query, address, held, me: None };
        if call.request.method() == Method::POST {
            if !origin::is_own(call.request.headers(), &[&call.console.own_url]) {
                return Err(Box::new((call, Failure::Forged)));
            }
            let mut bytes = vec![];
            while let Some(chunk) = payload.next().await {
                let Ok(chunk) = chunk else {
                    return Err(Box::new((call, Failure::Refused("The form broke off on its way.".into()))));
                };
                if bytes.len() + chunk.len() > LARGEST {
                    let text = format!("The form is too large; allowed are {LARGEST} bytes.");
                    return Err(Box::new((call, Failure::Refused(text))));
                }
                bytes.extend_from_slice(&chunk);
            }
            match call.parse(bytes).await {
                Some((form, files)) => (call.form, call.files) = (form, files),
                None => {
                    return Err(Box::new((
                        call,
                        Failure::Refused("The form can't be read, or has too many fields.".into()),
                    )));
                }
            }
        }
        match call.who().await {
            Ok(me) => call.me = me,
            Err(failure) => return Err(Box::new((call, failure))),
        }
        Ok(call)
    }

    async fn parse(&self, bytes: Vec<u8>) -> Option<(Form, Vec<File>)> {
        let content_type = self.request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        match content_type.filter(|kind| kind.starts_with("multipart/")) {
            Some(kind) => with_files(kind, bytes).await,
            None => Some((Form::parse(&bytes)?, vec![])),
        }
    }

    async fn who(&self) -> Result<Option<Me>, Failure> {
        if self.held.fresh {
            return Ok(None);
        }
        let store = &self.console.store;
        let Some((session, credentials)) = store.session(&self.held.text).await? else { return Ok(None) };
        let is_bound = self.console.app.is_bound(&credentials.user.id).await?;
        if (is_bound || self.console.is_sso_only()) && !session.is_by_provider {
            return Ok(None);
        }
        // What the script asks for by itself keeps nobody signed in.
        if !self.request.headers().contains_key(LIVE) {
            store.record().session_used(&session).await?;
        }
        let page_roles = store.page_roles(&credentials.user.id).await?;
        let mut me = Me {
            credentials,
            session,
            page_roles,
            lacks_second_step: false,
            must_use_passkey: false,
            is_bound,
        };
        if me.credentials.totp_secret.is_none() && !me.session.is_strong && !is_bound {
            let needed = store.second_step_roles().await?;
            let lacks = me.roles().any(|role| needed.contains(&role));
            me.lacks_second_step = lacks;
            // A link of the machine is the way out for who has lost the device.
            if lacks && !me.session.is_by_provider && self.console.party().is_some() {
                me.must_use_passkey = !store.passkeys(&me.user().id).await?.is_empty();
            }
        }
        Ok(Some(me))
    }

    /// Who is signed in; a handler that anyone may call may find nobody.
    pub fn me(&self) -> Result<&Me, Failure> {
        self.me.as_ref().ok_or_else(|| self.sign_in_first().into())
    }

    pub fn actor(&self) -> Result<Actor, Failure> {
        let id = self.me()?.user().id.clone();
        Ok(Actor::User { id, address: Some(self.address.to_string()), request_id: None })
    }

    pub fn may(&self, scope: Scope) -> bool {
        self.me.as_ref().is_some_and(|me| me.scopes(self.page_id().as_ref()).has(scope))
    }

    /// What stands in the path.
    pub fn id(&self, name: &str) -> Result<Id, Failure> {
        self.request.match_info().get(name).and_then(|text| text.parse().ok()).ok_or(Failure::NotFound)
    }

    /// The page that the path names.
    pub fn page_id(&self) -> Option<Id> {
        self.id("page").ok()
    }

    pub fn snapshot(&self) -> Option<Arc<Snapshot>> {
        self.console.app.site.get(&self.page_id()?)
    }

    /// The page that the path names, which is there.
    pub fn page(&self) -> Result<(Id, Arc<Snapshot>), Failure> {
        self.page_id().zip(self.snapshot()).ok_or(Failure::NotFound)
    }

    /// Which part of a list is wanted, from 1.
    pub fn number(&self) -> u64 {
        self.query.text("number").parse().unwrap_or(1).clamp(1, 10_000)
    }

    /// What the browser calls itself, cut.
    pub fn user_agent(&self) -> Option<String> {
        let agent = self.request.headers().get(USER_AGENT)?.to_str().ok()?;
        Some(agent.chars().filter(|c| !is_control(*c)).take(300).collect())
    }

    /// What all screens share, for who is signed in.
    pub fn frame(&self) -> Frame {
        let who = self.me.as_ref().map(|me| {
            let (user, scopes) = (me.user(), me.scopes(None));
            Who {
                name: if user.name.is_empty() { user.email.clone() } else { user.name.clone() },
                configures_page: self.may(Scope::PageWrite),
                watches: WatchesSystem::allows(scopes),
                manages_people: scopes.has(Scope::UsersWrite),
                manages_tokens: scopes.has(Scope::TokensWrite),
            }
        });
        let pages = self.console.pages();
        let here = self.page_id();
        let page = match who {
            Some(_) => pages.iter().find(|page| here.as_ref().is_none_or(|id| page.id == *id)).cloned(),
            None => None,
        };
        Frame {
            title: String::new(),
            section: Section::Other,
            page,
            pages: if who.is_some() { pages } else { Vec::<PageName>::new() },
            who,
            said: super::said::words(self.query.text("said")),
            plain_http: !self.console.secure,
            csrf: self.held.form_token(&self.console.app.keys),
            sought: String::new(),
        }
    }

    /// Where somebody wanted to go.
    fn here(&self) -> String {
        let path = self.request.uri().path_and_query().map_or("/admin", |path| path.as_str());
        own_path(path).unwrap_or("/admin").to_owned()
    }

    /// The form that was sent, to be gone on with later.
    pub fn kept(&self) -> Option<Kept> {
        let posted = self.request.method() == Method::POST && !self.form.0.is_empty();
        posted.then(|| Kept { path: self.here(), form: self.form.without_secrets() })
    }

    /// Where to go on: a form is gone on with where it stood.
    fn next(&self) -> String {
        if self.request.method() != Method::POST {
            return self.here();
        }
        let stood = self.request.headers().get(REFERER).and_then(|stood| stood.to_str().ok());
        let stood = stood.and_then(|stood| url::Url::parse(stood).ok()).map(|url| url.path().to_owned());
        stood.as_deref().and_then(own_path).unwrap_or("/admin").to_owned()
    }

    /// What the sign-in asks, before anything is typed.
    pub fn asks<'a>(&'a self, next: &'a str) -> SignIn<'a> {
        let provider = self.console.provider_host.as_deref();
        let passkeys = self.console.party().map(Party::origin);
        let ways = Ways { passwords: !self.console.is_sso_only(), code: false, provider, passkeys };
        SignIn { email: "", wrong: None, next, kept: None, ways }
    }

    /// Whether who is signed in has a password and passkeys here.
    pub fn has_own_ways(&self) -> bool {
        !self.console.is_sso_only() && !self.me.as_ref().is_some_and(|me| me.is_bound)
    }

    /// By what who is signed in shows that it is still them.
    pub fn ways_of_mine(&self) -> Ways<'_> {
        let ways = self.asks("").ways;
        if !self.has_own_ways() {
            return Ways { passwords: false, passkeys: None, ..ways };
        }
        let mine = self.me.as_ref();
        let has_password = mine.is_some_and(|me| me.credentials.password_hash.is_some());
        let provider = ways.provider.filter(|_| mine.is_some_and(|me| me.session.is_strong) || !has_password);
        Ways {
            passwords: ways.passwords && (has_password || provider.is_none()),
            code: mine.is_some_and(|me| me.credentials.totp_secret.is_some()),
            provider,
            passkeys: ways.passkeys,
        }
    }

    fn sign_in_first(&self) -> HttpResponse {
        match self.kept() {
            None => {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("next", &self.here())
                    .finish();
                self.to(&format!("/admin/sign-in?{query}"))
            }
            Some(kept) => self.html(StatusCode::FORBIDDEN, |frame| {
                frame.title = "Sign in".into();
                let kept = kept.write();
                console::sign_in(frame, &SignIn { kept: Some(&kept), ..self.asks("/admin") })
            }),
        }
    }

    fn second_step_first(&self) -> HttpResponse {
        if self.request.method() != Method::POST {
            return self.to("/admin/account/second-factor");
        }
        self.html(StatusCode::FORBIDDEN, |frame| {
            frame.title = "Your role needs a second step".into();
            let typed = self.typed_again(frame, "Send it again");
            let by_passkey = self.me.as_ref().is_some_and(|me| me.must_use_passkey);
            console::second_step_needed(frame, by_passkey, Some(&typed))
        })
    }

    fn confirm_first(&self) -> HttpResponse {
        let kept = self.kept().map(|kept| kept.write());
        self.html(StatusCode::FORBIDDEN, |frame| {
            frame.title = "Is it still you?".into();
            let next = self.next();
            let asked = SignIn { kept: kept.as_deref(), ..self.asks(&next) };
            console::confirm(frame, &SignIn { ways: self.ways_of_mine(), ..asked })
        })
    }

    /// A form with everything that was typed, which sends it again.
    pub fn typed_again(&self, frame: &Frame, button: &str) -> Markup {
        match self.kept() {
            Some(kept) => console::kept(frame, &kept.path, kept.form.0.iter(), button),
            None => html! { p { a href=(self.here()) { (button) } } },
        }
    }
}
