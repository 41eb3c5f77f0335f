#!/bin/sh
# Whether the page, its API, the health path and the metrics answer. Wants PAGE_URL, METRICS_URL and the host that the
# page answers under, PAGE_HOST.
set -eu

ask() {
  curl --fail --silent --show-error --max-time 10 --retry 10 --retry-delay 3 --retry-all-errors "$@"
}

# has WHAT TEXT WORD: whether the text holds the word.
has() {
  case $2 in
    *"$3"*) printf 'ok: %s\n' "$1" ;;
    *)
      printf 'failed: %s does not hold %s\n' "$1" "$3" >&2
      exit 1
      ;;
  esac
}

has '/healthz' "$(ask "$PAGE_URL/healthz")" ok
has '/api/v2/status.json' "$(ask --header "Host: $PAGE_HOST" "$PAGE_URL/api/v2/status.json")" '"indicator"'
has '/' "$(ask --header "Host: $PAGE_HOST" --header 'Accept: text/html' "$PAGE_URL/")" '</html>'
has '/readyz' "$(ask "$METRICS_URL/readyz")" ok
has '/metrics' "$(ask "$METRICS_URL/metrics")" pharos_build_info
