//! A line for each request, where that is wanted: nothing of who asked, and nothing of what stands
//! behind the path.

use std::time::Duration;

use super::log::ACCESS;

/// What is told of a request.
#[derive(Debug)]
pub struct AccessLine<'l> {
    pub method: &'l str,
    pub route: &'l str,
    pub path: &'l str,
    pub status: u16,
    /// The length of the body, where it is known before it is sent.
    pub bytes: Option<u64>,
    /// Until the answer's first byte was ready.
    pub took: Duration,
    pub trace_id: Option<&'l str>,
}

impl AccessLine<'_> {
    pub fn tell(&self) {
        let Self { method, route, path, status, bytes, took, trace_id } = self;
        // Whatever somebody put into a path stays within its line.
        let path = path.escape_debug();
        tracing::event!(
            target: ACCESS,
            tracing::Level::INFO,
            http.method = method,
            http.route = route,
            http.path = %path,
            http.status = status,
            http.bytes = bytes,
            duration.seconds = took.as_secs_f64(),
            trace_id,
            "{method} {path} {status}"
        );
    }
}
