//! How a server starts: also when the database is away, or its schema is not there yet.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use chrono::TimeDelta;

use super::{config, connect, publish};
use crate::{
    app::{App, Mailing, Options},
    cache::Cache,
    clock::Clock,
    domain::{account::Purpose, groups::Roles, id::part_of},
    jobs,
    live::LastGood,
    settings::Settings,
    sso,
    store::{Actor, Store, StoreError},
    telemetry::Metrics,
    tls, transfer, web,
};

/// How long a start waits for the database before it looks for a state elsewhere, and how long before
/// it goes on without any.
const SHORT_PATIENCE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(4);
/// The pause before the database is tried again, a random part of it more.
const PAUSE: Duration = Duration::from_secs(1);

/// Everything that runs, with the page lit from wherever a state can be had.
pub async fn app(settings: &Settings) -> anyhow::Result<App> {
    let store = connect(settings).await?;
    let options = Options {
        keys: config::keys(settings, &store)?,
        own_url: settings.base_url.to_string(),
        cache: cache(settings)?,
        // A file beside a file would tell nothing more.
        last_good: settings
            .state_folder()
            .filter(|_| !settings.is_sqlite())
            .map(|folder| LastGood::new(&folder, &settings.namespace())),
        siblings: settings.siblings.clone(),
        stale_after: TimeDelta::minutes(settings.stale_after),
        mailing: Mailing {
            mailer: settings.mailer().map_err(|wrong| anyhow!(wrong))?,
            console: settings.console(),
            has_passwords: !(settings.sso.sso_only && settings.sso.oidc_issuer.is_some()),
            bound_by: settings.sso.oidc_issuer.clone().filter(|_| !settings.sso.oidc_roles.is_empty()),
        },
    };
    let app = App::new(store, Clock::system(), Metrics::new(web::named_routes())?, options);
    if !settings.secrets.are_read() {
        tracing::error!("AWS Secrets Manager does not answer: the database counts as away until it does");
    }
    light(&app, settings).await.with_context(|| format!("database {}", config::database_shown(settings)))?;
    Ok(app)
}

/// Lights the pages from the database; where that does not answer, from elsewhere, or later.
async fn light(app: &App, settings: &Settings) -> Result<(), StoreError> {
    let alone = settings.is_sqlite();
    let patience = if alone { PATIENCE } else { SHORT_PATIENCE };
    let mut prepared = prepare(&app.store, settings, patience).await;
    let goes_on = |error: &StoreError| !alone && may_pass(error);
    if prepared.as_ref().is_err_and(goes_on) && !app.light_without_database().await {
        // There is nothing to be shown in the meantime.
        prepared = prepare(&app.store, settings, PATIENCE).await;
    }
    let lit = match prepared {
        Ok(()) => app.light().await,
        Err(error) => Err(error),
    };
    match lit {
        Err(error) if goes_on(&error) => {
            app.store.watched::<()>(&Err(error));
            if !app.site.is_lit() && !app.light_without_database().await {
                tracing::warn!("nothing is known of any page until the database answers");
            }
            Ok(())
        }
        lit => lit,
    }
}

fn cache(settings: &Settings) -> anyhow::Result<Option<Cache>> {
    let Some(url) = &settings.redis_url else { return Ok(None) };
    let ca = settings.redis_ca.as_ref().map(|file| tls::authorities("redis_ca", file)).transpose()?;
    let address = settings.secrets.resolved("redis_url", url);
    Ok(Some(Cache::new(address, ca, &settings.namespace()).with_context(|| "--redis-url")?))
}

/// The provider that people may sign in with.
pub fn provider(settings: &Settings) -> anyhow::Result<Option<Arc<sso::Provider>>> {
    let given = &settings.sso;
    let Some(issuer) = given.oidc_issuer.clone() else { return Ok(None) };
    let secret = given.oidc_client_secret.as_deref();
    let named = sso::Settings {
        issuer,
        client_id: given.oidc_client_id.clone().unwrap_or_default(),
        client_secret: secret.map(|secret| settings.secrets.resolved("oidc_client_secret", secret)),
        groups_claim: given.oidc_groups_claim.clone(),
        roles: Roles::new(given.oidc_roles.clone()),
        is_only: given.sso_only,
        redirect: format!("{}/admin/sign-in/sso/back", settings.console()),
    };
    Ok(Some(Arc::new(sso::Provider::new(named, Clock::system())?)))
}

/// What goes on besides answering, until it fails for good.
pub async fn background(app: &App, settings: &Settings) -> anyhow::Result<()> {
    let works = async {
        wait_for_database(app, settings).await?;
        if settings.setup_link {
            offer_setup(app, settings).await;
        }
        if settings.jobs {
            jobs::run(app).await;
        }
        std::future::pending().await
    };
    let publishes = async {
        match &settings.copy.copy_to {
            Some(place) if settings.jobs => publish::run(app, place).await,
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        () = app.keep_up() => Ok(()),
        () = publishes => Ok(()),
        () = settings.secrets.keep_fresh() => Ok(()),
        ended = works => ended,
    }
}

/// Writes down how the first owner gets in, where there is nobody yet.
async fn offer_setup(app: &App, settings: &Settings) {
    match app.store.record().create_link(Purpose::SetUp, None, &Actor::System).await {
        Ok(Some(token)) => {
            let minutes = Purpose::SetUp.life().num_minutes();
            let address = format!("{}/admin/links/{token}", settings.console());
            tracing::warn!(
                "nobody can sign in yet; within {minutes} minutes, once, this link makes an owner: {address}"
            );
        }
        Ok(None) => {}
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(
                error,
                "no link to set this up could be made; `pharos user create` makes an owner"
            );
        }
    }
}

/// Sees to it that the schema is in order and that there is a page, as soon as the database answers.
async fn wait_for_database(app: &App, settings: &Settings) -> anyhow::Result<()> {
    let mut told = String::new();
    loop {
        match prepare(&app.store, settings, PATIENCE).await {
            Ok(()) => return Ok(()),
            Err(error) => {
                let text = error.to_string();
                if matches!(error, StoreError::SchemaBehind(_) | StoreError::Schema(_)) && text != told {
                    tracing::error!("{text}");
                    told = text;
                }
                if !app.site.is_lit() && !may_pass(&error) {
                    bail!(error);
                }
            }
        }
        tokio::time::sleep(PAUSE + part_of(PAUSE)).await;
    }
}

/// Whether it may be another error, or none, in a while.
fn may_pass(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Database(_) | StoreError::TimedOut | StoreError::Away | StoreError::SchemaBehind(_)
    )
}

/// Sees to the schema and to a page, if the database answers in time.
async fn prepare(store: &Store, settings: &Settings, patience: Duration) -> Result<(), StoreError> {
    let late = |_| StoreError::TimedOut;
    let checked = tokio::time::timeout(patience, store.check_schema()).await.map_err(late)?;
    if settings.migrates() {
        checked.or_else(behind)?;
        store.migrate().await?;
    } else {
        checked?;
    }
    if settings.demo {
        let filled = transfer::demo::fill_if_empty(store, &Clock::system()).await;
        let other = |error: anyhow::Error| StoreError::Refused(error.to_string());
        filled.map_err(|error| error.downcast().unwrap_or_else(other))?;
    }
    store.ensure_page("Status").await
}

/// That a schema is behind is no error to whoever brings it up to date.
fn behind(error: StoreError) -> Result<(), StoreError> {
    match error {
        StoreError::SchemaBehind(_) => Ok(()),
        error => Err(error),
    }
}
