//! The log: lines of text or JSON, each with the id of the trace that it belongs to.

use std::{
    fmt,
    io::{IsTerminal, Write},
    sync::{Mutex, OnceLock, PoisonError},
};

use tracing::{Event, Subscriber};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{FilterExt, filter_fn},
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{DefaultFields, Format, Full, Json, JsonFields, Writer},
        writer::BoxMakeWriter,
    },
    layer::SubscriberExt,
    registry::LookupSpan,
    util::SubscriberInitExt,
};

use super::traces::{self, Traces};
use crate::settings::LogFormat;

/// What libraries tell of themselves on every start, and of every malformed request that anybody
/// sends; and the lines of requests, which have a log of their own. A filter that names them
/// outweighs this.
const QUIET: &str =
    "actix_server=warn,actix_http=off,sea_orm_migration=warn,sqlx::postgres::notice=warn,access=off";
/// What a line of a request is told under.
pub(super) const ACCESS: &str = "access";
/// How many lines of requests wait to be written, each of some 250 bytes; those that come on top are
/// dropped.
const WAITING: usize = 8_192;

/// What is left to write when the program ends.
static WRITER: Mutex<Option<WorkerGuard>> = Mutex::new(None);
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// What is told, and how.
#[derive(Debug)]
pub struct Logging<'s> {
    /// Which lines, as in RUST_LOG.
    pub filter: &'s str,
    pub format: LogFormat,
    /// Whether each request has a line, on standard output.
    pub access: bool,
}

type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

/// Starts the log on standard error, that of requests, and traces, as far as each is wanted.
pub fn start(logging: &Logging<'_>, traces: Option<Traces>) -> Result<(), String> {
    let filter =
        EnvFilter::try_new(format!("{QUIET},{}", logging.filter)).map_err(|error| error.to_string())?;
    // Spans are for traces; what is going on costs nothing where nobody follows it.
    let events = filter_fn(|told| told.is_event());
    let writer = BoxMakeWriter::new(std::io::stderr);
    let colours = std::io::stderr().is_terminal();
    let mut layers: Vec<Boxed> =
        vec![lines(logging.format, writer, colours).with_filter(filter.and(events)).boxed()];
    if logging.access {
        let requests = filter_fn(|told| told.is_event() && told.target() == ACCESS);
        layers.push(lines(logging.format, access_writer(), false).with_filter(requests).boxed());
    }
    layers.extend(traces.map(traces::layer));
    tracing_subscriber::registry().with(layers).try_init().map_err(|error| error.to_string())
}

fn lines(format: LogFormat, writer: BoxMakeWriter, colours: bool) -> Boxed {
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(colours);
    let plain = tracing_subscriber::fmt::format();
    match format {
        LogFormat::Json => {
            let json = plain.json().flatten_event(true).with_current_span(false).with_span_list(false);
            layer.fmt_fields(JsonFields::new()).event_format(Traced(json)).boxed()
        }
        LogFormat::Text => {
            let text = plain.with_target(false).with_ansi(colours);
            layer.fmt_fields(DefaultFields::new()).event_format(Traced(text)).boxed()
        }
    }
}

/// Writes in a thread of its own: whoever answers requests never waits for it.
fn access_writer() -> BoxMakeWriter {
    let builder = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING);
    let (writer, guard) = builder.thread_name("access-log").finish(std::io::stdout());
    *WRITER.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard);
    // It is started once.
    let _ = DROPPED.set(writer.error_counter());
    BoxMakeWriter::new(writer)
}

/// How many lines of requests were dropped, since they were more than could be written.
pub(super) fn dropped() -> u64 {
    DROPPED.get().map_or(0, |counter| u64::try_from(counter.dropped_lines()).unwrap_or(u64::MAX))
}

/// Writes what waits.
pub(super) fn flush() {
    drop(WRITER.lock().unwrap_or_else(PoisonError::into_inner).take());
    // Nobody is left who could be told that it failed.
    let _ = std::io::stderr().flush();
}

/// Adds the id of the trace to a line.
struct Traced<F>(F);

/// How a line takes a further field.
trait Extend {
    fn extend(line: &mut String, trace: &str);
}

impl Extend for Format<Json> {
    fn extend(line: &mut String, trace: &str) {
        if line.starts_with('{') {
            line.insert_str(1, &format!("\"trace_id\":\"{trace}\","));
        }
    }
}

impl Extend for Format<Full> {
    fn extend(line: &mut String, trace: &str) {
        line.truncate(line.trim_end().len());
        line.push_str(&format!(" trace_id={trace}\n"));
    }
}

impl<S, N, F> FormatEvent<S, N> for Traced<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N> + Extend,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some(trace) = traces::trace_id() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0.format_event(context, Writer::new(&mut line), event)?;
        F::extend(&mut line, &trace);
        writer.write_str(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_takes_the_id_of_its_trace() {
        let mut json = "{\"level\":\"INFO\",\"message\":\"a\"}\n".to_owned();
        <Format<Json>>::extend(&mut json, "4bf9");
        assert_eq!(json, "{\"trace_id\":\"4bf9\",\"level\":\"INFO\",\"message\":\"a\"}\n");
        let mut text = "INFO a name=\"b\"\n".to_owned();
        <Format<Full>>::extend(&mut text, "4bf9");
        assert_eq!(text, "INFO a name=\"b\" trace_id=4bf9\n");
    }
}
