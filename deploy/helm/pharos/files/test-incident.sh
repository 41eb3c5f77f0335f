#!/bin/sh
# Posts an incident on the page PAGE with the token TOKEN, tells nobody, reads it back as a visitor of that page
# does, and deletes it. Wants PAGE_URL too.
set -eu

answer=$(mktemp)
# An incident that a failed run leaves would stay on the page for ever.
trap 'remove' EXIT
incident=

# ask STATUS CURL-ARGUMENT...: the request must be answered with this status; the answer is left in $answer.
ask() {
  wanted=$1
  shift
  got=$(curl --silent --show-error --max-time 10 --output "$answer" --write-out '%{http_code}' "$@")
  if [ "$got" != "$wanted" ]; then
    printf 'failed: status %s instead of %s:\n' "$got" "$wanted" >&2
    cat "$answer" >&2
    return 1
  fi
}

api() {
  status=$1
  path=$2
  shift 2
  ask "$status" --header "Authorization: Bearer $TOKEN" "$@" "$PAGE_URL/v1/pages/$PAGE$path"
}

# field NAME: the first text of this name in the answer.
field() {
  sed -n 's/^[^]]*"'"$1"'":"\([^"]*\)".*/\1/p' "$answer" | head -n 1
}

# visitors STATUS ID: what visitors get of the incident. With several pages, each answers under its own host.
visitors() {
  ask "$1" --header "Host: $host" "$PAGE_URL/incidents/$2.json"
}

# eventually STATUS ID: waits for the replica that answers to know of the change.
eventually() {
  tries=0
  until visitors "$1" "$2" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -ge 20 ]; then
      visitors "$1" "$2"
    fi
    sleep 0.5
  done
}

remove() {
  if [ -n "$incident" ]; then
    api 200 "/incidents/$incident" --request DELETE
  fi
}

api 200 ''
host=$(field domain)
: "${host:=$(printf '%s' "$PAGE_URL" | sed 's,^[a-z]*://,,; s,/.*,,')}"
api 201 /incidents --header 'Content-Type: application/json' --data '{"incident": {
  "name": "A test of the installation", "status": "investigating", "body": "It will be gone in a moment.",
  "deliver_notifications": false}}'
incident=$(sed -n 's/^{"id":"\([0-9A-Za-z]*\)".*/\1/p' "$answer")
if [ -z "$incident" ]; then
  printf 'failed: the answer names no incident\n' >&2
  exit 1
fi
printf 'ok: incident %s is posted\n' "$incident"
eventually 200 "$incident"
grep -q 'A test of the installation' "$answer"
printf 'ok: visitors see it\n'
remove
gone=$incident
incident=
eventually 404 "$gone"
printf 'ok: it is deleted\n'
