//! The schemas of what is sent and answered, by name.

use utoipa::openapi::{
    schema::{Components, ComponentsBuilder, ObjectBuilder, SchemaType, Type},
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{
    domain::{
        Id, alert,
        branding::Corner,
        incident::{Impact, IncidentStatus},
        role::Role,
        status::ComponentStatus,
        token::Scope,
    },
    wire::{Stamp, alerts, manage, statuspage::AffectedComponent},
};

pub fn components() -> Components {
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("`OAuth TOKEN` is the same."))
        .build();
    let dry_run = ObjectBuilder::new()
        .description(Some("What would happen."))
        .property("dry_run", ObjectBuilder::new().schema_type(Type::Boolean))
        .required("dry_run")
        .property("result", ObjectBuilder::new().schema_type(SchemaType::AnyValue))
        .property(
            "notifies",
            ObjectBuilder::new().property("subscribers", ObjectBuilder::new().schema_type(Type::Integer)),
        )
        .required("notifies");
    let all = ComponentsBuilder::new()
        .schema_from::<Id>()
        .schema_from::<Stamp>()
        .schema_from::<ComponentStatus>()
        .schema_from::<IncidentStatus>()
        .schema_from::<Impact>()
        .schema_from::<Scope>()
        .schema_from::<AffectedComponent>()
        .schema_from::<manage::GivenStatus>()
        .schema_from::<manage::Instant>()
        .schema_from::<manage::Problem>()
        .schema_from::<manage::WrongField>()
        .schema("DryRun", dry_run)
        .security_scheme("token", SecurityScheme::Http(token));
    alerting(users(subscribers(metrics(answered(sent(all)))))).build()
}

/// What is sent.
fn sent(all: ComponentsBuilder) -> ComponentsBuilder {
    all.schema_from::<manage::ComponentBody>()
        .schema_from::<manage::ComponentAsk>()
        .schema_from::<manage::StatusBody>()
        .schema_from::<manage::GroupBody>()
        .schema_from::<manage::GroupAsk>()
        .schema_from::<manage::IncidentBody>()
        .schema_from::<manage::IncidentAsk>()
        .schema_from::<manage::UpdateBody>()
        .schema_from::<manage::UpdateAsk>()
        .schema_from::<manage::PostmortemBody>()
        .schema_from::<manage::PostmortemAsk>()
        .schema_from::<manage::PublishBody>()
        .schema_from::<manage::PublishAsk>()
        .schema_from::<manage::TemplateBody>()
        .schema_from::<manage::TemplateAsk>()
        .schema_from::<manage::PageBody>()
        .schema_from::<manage::PageAsk>()
        .schema_from::<Corner>()
        .schema_from::<manage::EmbedBody>()
        .schema_from::<manage::EmbedAsk>()
        .schema_from::<manage::TokenBody>()
        .schema_from::<manage::TokenAsk>()
}

/// What is answered.
fn answered(all: ComponentsBuilder) -> ComponentsBuilder {
    all.schema_from::<manage::Page>()
        .schema_from::<manage::Icon>()
        .schema_from::<manage::Picture>()
        .schema_from::<manage::Component>()
        .schema_from::<manage::ComponentUptime>()
        .schema_from::<manage::ComponentGroup>()
        .schema_from::<manage::ComponentGroupUptime>()
        .schema_from::<manage::RelatedEvent>()
        .schema_from::<manage::RelatedEvents>()
        .schema_from::<manage::Incident>()
        .schema_from::<manage::IncidentUpdate>()
        .schema_from::<manage::Postmortem>()
        .schema_from::<manage::IncidentTemplate>()
        .schema_from::<manage::StatusEmbedConfig>()
        .schema_from::<manage::AuditEvent>()
        .schema_from::<manage::Token>()
}

fn metrics(all: ComponentsBuilder) -> ComponentsBuilder {
    all.schema_from::<manage::Metric>()
        .schema_from::<manage::MetricBody>()
        .schema_from::<manage::MetricAsk>()
        .schema_from::<manage::MetricData>()
        .schema_from::<manage::MetricsData>()
        .schema_from::<manage::MetricsKept>()
        .schema_from::<manage::MetricPoint>()
        .schema_from::<manage::MetricsProvider>()
        .schema_from::<manage::ProviderBody>()
        .schema_from::<manage::ProviderAsk>()
}

fn subscribers(all: ComponentsBuilder) -> ComponentsBuilder {
    all.schema_from::<manage::Subscriber>()
        .schema_from::<manage::SubscriberBody>()
        .schema_from::<manage::SubscriberAsk>()
        .schema_from::<manage::ChoiceBody>()
        .schema_from::<manage::SubscribersBody>()
        .schema_from::<manage::SubscribersDone>()
        .schema_from::<manage::SubscriberCountByType>()
        .schema_from::<manage::SubscriberCountByState>()
        .schema_from::<manage::SubscriberCountByTypeAndState>()
}

fn users(all: ComponentsBuilder) -> ComponentsBuilder {
    all.schema_from::<Role>()
        .schema_from::<manage::Organization>()
        .schema_from::<manage::User>()
        .schema_from::<manage::UserBody>()
        .schema_from::<manage::UserAsk>()
        .schema_from::<manage::Permissions>()
        .schema_from::<manage::UserPermissions>()
        .schema_from::<manage::PagePermissions>()
        .schema_from::<manage::PermissionsBody>()
        .schema_from::<manage::PagePermissionsAsk>()
}

/// What monitoring sends, and the rules for it.
fn alerting(components: ComponentsBuilder) -> ComponentsBuilder {
    components
        .schema_from::<manage::AlertRuleBody>()
        .schema_from::<manage::AlertRuleAsk>()
        .schema_from::<manage::AlertRule>()
        .schema_from::<manage::AlertKeyBody>()
        .schema_from::<manage::AlertKeyAsk>()
        .schema_from::<manage::AlertKey>()
        .schema_from::<manage::Alert>()
        .schema_from::<alert::Matcher>()
        .schema_from::<alert::Op>()
        .schema_from::<alert::Source>()
        .schema_from::<alert::State>()
        .schema_from::<alert::KeyKind>()
        .schema_from::<alerts::Firing>()
        .schema_from::<alerts::AlertBody>()
        .schema_from::<alerts::AlertmanagerBody>()
        .schema_from::<alerts::AlertmanagerAlert>()
        .schema_from::<alerts::PagerdutyBody>()
        .schema_from::<alerts::PagerdutyEvent>()
        .schema_from::<alerts::PagerdutyData>()
        .schema_from::<alerts::PagerdutyReference>()
        .schema_from::<alerts::DatadogBody>()
        .schema_from::<alerts::SnsBody>()
        .schema_from::<alerts::SnsKind>()
}
