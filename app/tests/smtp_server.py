"""Takes mail by SMTP and tells what it was sent.

    smtp_server.py PORT TLS-PORT HTTP-PORT CERTIFICATE KEY

On TLS-PORT it asks for STARTTLS, and for the user `pharos` with the password `p@ss word`. An address that begins with
`refused` is refused for good, one that begins with `later` is told to come again the first time.
GET /mails?to=ADDRESS tells the mails to an address, oldest first.
"""

import json
import ssl
import sys
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

taken = []
told_to_come_again = set()
lock = Lock()


def body(message, kind):
    part = message.get_body((kind,))
    return part.get_content() if part else None


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("refused"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later") and address not in told_to_come_again:
            told_to_come_again.add(address)
            return "451 4.7.1 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        with lock:
            taken.append({
                "from": envelope.mail_from,
                "to": envelope.rcpt_tos,
                "headers": {name.lower(): str(value) for name, value in message.items()},
                "text": body(message, "plain"),
                "html": body(message, "html"),
                "tls": session.ssl is not None,
                "authenticated": session.authenticated,
            })
        return "250 OK"


def known(server, session, envelope, mechanism, data):
    # Whoever is not known is told so by the server itself.
    return AuthResult(success=(data.login, data.password) == (b"pharos", b"p@ss word"), handled=False)


class Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked = urlsplit(self.path)
        to = parse_qs(asked.query).get("to", [None])[0]
        with lock:
            mails = [mail for mail in taken if to is None or to in mail["to"]]
        text = json.dumps(mails, default=str).encode()
        self.send_response(200 if asked.path == "/mails" else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def main(port, tls_port, http_port, certificate, key):
    Controller(Keeper(), hostname="127.0.0.1", port=int(port)).start()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    Controller(
        Keeper(), hostname="127.0.0.1", port=int(tls_port), tls_context=context, require_starttls=True,
        authenticator=known, auth_required=True,
    ).start()
    ThreadingHTTPServer(("127.0.0.1", int(http_port)), Http).serve_forever()


main(*sys.argv[1:])
