//! Traces by OpenTelemetry, sent by OTLP. Only the standard variables configure them
//! (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables); where they name no
//! endpoint there is nothing at all: no layer, no thread, no cost.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

pub use opentelemetry::propagation::Extractor;
use opentelemetry::{
    Context, KeyValue,
    propagation::{Injector, TextMapPropagator},
    trace::{SpanContext, TraceContextExt, TracerProvider},
};
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::{OTelSdkError, OTelSdkResult},
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, SpanData},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, Registry, filter::filter_fn};

/// How long sending what is left may take when the program ends.
const FLUSH: Duration = Duration::from_secs(3);
/// The header of W3C Trace Context, which is also what Redis and the outbox carry.
const TRACEPARENT: &str = "traceparent";

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Where traces go.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

/// A variable that says nothing is as one that is not there.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Whether the variables ask for traces.
pub fn are_wanted() -> bool {
    let is_off = variable("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true"))
        || variable("OTEL_TRACES_EXPORTER").is_some_and(|value| value == "none");
    let endpoints = [
        opentelemetry_otlp::OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
        opentelemetry_otlp::OTEL_EXPORTER_OTLP_ENDPOINT,
    ];
    !is_off && endpoints.into_iter().any(|name| variable(name).is_some())
}

impl Traces {
    /// What the variables say, to be called within a runtime, in which it is sent. `client` sends
    /// what goes by HTTP.
    pub fn from_variables(client: impl HttpClient + 'static) -> Result<Self, String> {
        check_sampler(
            variable("OTEL_TRACES_SAMPLER").as_deref(),
            variable("OTEL_TRACES_SAMPLER_ARG").as_deref(),
        )?;
        let exporter = exporter(client).map_err(|error| error.to_string())?;
        let mut resource = Resource::builder();
        if !names_service() {
            resource = resource.with_service_name("pharos");
        }
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        // Its queue is bounded, and what does not fit is dropped: nobody waits for it.
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(Told { exporter, fails: AtomicBool::new(false) })
            .with_resource(resource.with_attribute(version).build());
        Ok(Self(provider.build()))
    }
}

/// Refuses what would be taken for the default without a word.
fn check_sampler(sampler: Option<&str>, share: Option<&str>) -> Result<(), String> {
    const PLAIN: [&str; 4] = ["always_on", "always_off", "parentbased_always_on", "parentbased_always_off"];
    const WITH_SHARE: [&str; 2] = ["traceidratio", "parentbased_traceidratio"];
    let Some(sampler) = sampler else { return Ok(()) };
    let is_share = |text: &str| text.parse().is_ok_and(|share: f64| (0.0..=1.0).contains(&share));
    if PLAIN.contains(&sampler) {
        return Ok(());
    }
    if !WITH_SHARE.contains(&sampler) {
        let known = [PLAIN.join(", "), WITH_SHARE.join(", ")].join(", ");
        return Err(format!("OTEL_TRACES_SAMPLER: allowed are {known}, not {sampler:?}"));
    }
    match share.is_some_and(is_share) {
        true => Ok(()),
        false => Err("OTEL_TRACES_SAMPLER_ARG: a share from 0 to 1 is needed, such as 0.1".into()),
    }
}

/// Whether the variables say what this is called.
fn names_service() -> bool {
    let named =
        |attributes: String| attributes.split(',').any(|pair| pair.trim().starts_with("service.name="));
    variable("OTEL_SERVICE_NAME").is_some() || variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(named)
}

fn exporter(client: impl HttpClient + 'static) -> Result<SpanExporter, ExporterBuildError> {
    let names = [
        opentelemetry_otlp::OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
        opentelemetry_otlp::OTEL_EXPORTER_OTLP_PROTOCOL,
    ];
    let protocol = names.into_iter().find_map(|name| Some((name, variable(name)?)));
    match protocol.as_ref().map(|(name, protocol)| (*name, protocol.as_str())) {
        Some((_, opentelemetry_otlp::OTEL_EXPORTER_OTLP_PROTOCOL_GRPC)) => {
            SpanExporter::builder().with_tonic().build()
        }
        None | Some((_, opentelemetry_otlp::OTEL_EXPORTER_OTLP_PROTOCOL_HTTP_PROTOBUF)) => {
            SpanExporter::builder().with_http().with_http_client(client).build()
        }
        Some((name, other)) => Err(ExporterBuildError::InvalidConfiguration(format!(
            "{name}: allowed are grpc and http/protobuf, not {other:?}"
        ))),
    }
}

/// Sends our own spans. What is logged stays in the log.
pub(super) fn layer(traces: Traces) -> Box<dyn Layer<Registry> + Send + Sync> {
    let tracer = traces.0.tracer("pharos");
    // There is one, set before the log is there.
    let _ = PROVIDER.set(traces.0);
    let ours = filter_fn(|told| told.is_span() && told.target().starts_with("pharos"));
    let layer = tracing_opentelemetry::layer().with_tracer(tracer);
    layer.with_location(false).with_threads(false).with_tracked_inactivity(false).with_filter(ours).boxed()
}

/// Whether traces are sent.
pub fn are_on() -> bool {
    PROVIDER.get().is_some()
}

/// Sends what is left.
pub(super) fn flush() {
    if let Some(provider) = PROVIDER.get()
        && let Err(error) = provider.shutdown_with_timeout(FLUSH)
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "the last spans are lost");
    }
}

/// Says once that spans can't be sent, and once that they can again.
#[derive(Debug)]
struct Told {
    exporter: SpanExporter,
    fails: AtomicBool,
}

impl opentelemetry_sdk::trace::SpanExporter for Told {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let sent = self.exporter.export(batch).await;
        let failed = sent.as_ref().err();
        match (self.fails.swap(failed.is_some(), Ordering::Relaxed), failed) {
            (false, Some(error)) => {
                let error = error as &dyn std::error::Error;
                tracing::warn!(error, "spans can't be sent to the collector and are dropped");
            }
            (true, None) => tracing::info!("spans are sent to the collector again"),
            _ => {}
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> Result<(), OTelSdkError> {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// The id of the trace that goes on, if one does.
pub fn trace_id() -> Option<String> {
    if !are_on() {
        return None;
    }
    let id = |context: &SpanContext| context.is_valid().then(|| context.trace_id().to_string());
    Context::map_current(|context| id(context.span().span_context()))
}

/// A span that is of interest as a part of something: nothing where it would stand alone.
pub fn part_of(span: impl FnOnce() -> Span) -> Span {
    if are_on() && !Span::current().is_disabled() { span() } else { Span::none() }
}

/// What goes on as a `traceparent` (W3C Trace Context), for whoever goes on with it elsewhere or later.
pub fn carried() -> Option<String> {
    let mut one = Carried(None);
    if are_on() {
        TraceContextPropagator::new().inject_context(&Span::current().context(), &mut one);
    }
    one.0
}

/// Adds what goes on to the headers of a request.
pub fn send_along(injector: &mut dyn Injector) {
    if are_on() {
        TraceContextPropagator::new().inject_context(&Span::current().context(), injector);
    }
}

/// Makes a span, which must be new, go on with what was carried here as a `traceparent`.
pub fn go_on(span: &Span, carried: Option<&str>) {
    if let Some(carried) = carried {
        go_on_from(span, &Carried(Some(carried.to_owned())));
    }
}

/// The same with the headers of a request.
pub fn go_on_from(span: &Span, headers: &dyn Extractor) {
    if are_on() && !span.is_disabled() {
        let context = TraceContextPropagator::new().extract(headers);
        // A span that has begun keeps the parent that it has.
        let _ = span.set_parent(context);
    }
}

/// The trace that a request belongs to and whether it is one of those that are kept, if its headers
/// say so.
pub fn asked_for(headers: &dyn Extractor) -> Option<(String, bool)> {
    headers.get(TRACEPARENT)?;
    let context = TraceContextPropagator::new().extract(headers);
    let found = context.span().span_context().clone();
    found.is_valid().then(|| (found.trace_id().to_string(), found.is_sampled()))
}

/// What a span is about becomes known in it.
pub fn rename(span: &Span, name: String) {
    if !span.is_disabled() {
        span.context().span().update_name(name);
    }
}

/// The id of the trace that a span belongs to.
pub fn trace_of(span: &Span) -> Option<String> {
    if span.is_disabled() || !are_on() {
        return None;
    }
    let context = span.context();
    let found = context.span().span_context().clone();
    found.is_valid().then(|| found.trace_id().to_string())
}

/// One header.
struct Carried(Option<String>);

impl Extractor for Carried {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.as_deref().filter(|_| key == TRACEPARENT)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

impl Injector for Carried {
    fn set(&mut self, key: &str, value: String) {
        if key == TRACEPARENT {
            self.0 = Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_says_of_its_trace() {
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let said = |text: &str| asked_for(&Carried(Some(text.to_owned())));
        assert_eq!(said(&format!("00-{trace}-b7ad6b7169203331-01")), Some((trace.to_owned(), true)));
        assert_eq!(said(&format!("00-{trace}-b7ad6b7169203331-00")), Some((trace.to_owned(), false)));
        let zeros = "0".repeat(32);
        for wrong in [
            "",
            "00",
            &format!("00-{zeros}-b7ad6b7169203331-01"),
            &format!("ff-{trace}-b7ad6b7169203331-01"),
            "00-x-y-01",
        ] {
            assert_eq!(said(wrong), None, "{wrong:?}");
        }
        assert_eq!(asked_for(&Carried(None)), None);
    }

    #[test]
    fn a_sampler_is_one_that_is_known() {
        for (sampler, share) in
            [("always_off", None), ("parentbased_traceidratio", Some("0.1")), ("traceidratio", Some("1"))]
        {
            assert_eq!(check_sampler(Some(sampler), share), Ok(()));
        }
        assert_eq!(check_sampler(None, Some("nonsense")), Ok(()));
        for (sampler, share, named) in [
            ("jaeger_remote", None, "OTEL_TRACES_SAMPLER:"),
            ("traceidratio", None, "OTEL_TRACES_SAMPLER_ARG:"),
            ("traceidratio", Some("1.1"), "OTEL_TRACES_SAMPLER_ARG:"),
            ("parentbased_traceidratio", Some("NaN"), "OTEL_TRACES_SAMPLER_ARG:"),
        ] {
            let refused = check_sampler(Some(sampler), share).unwrap_err();
            assert!(refused.starts_with(named), "{refused}");
        }
    }

    #[test]
    fn where_nothing_is_traced_nothing_is_carried() {
        assert_eq!((trace_id(), carried(), are_on()), (None, None, false));
        go_on(&tracing::info_span!("idle"), Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));
    }
}
