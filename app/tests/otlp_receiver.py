"""Takes traces by OTLP, over gRPC and over HTTP, and tells what it was sent.

    otlp_receiver.py GRPC-PORT HTTP-PORT

GET /spans?trace=ID tells the spans of a trace: with which resource, by which protocol and with which headers.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from urllib.parse import parse_qs, urlsplit

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

KINDS = ["unspecified", "internal", "server", "client", "producer", "consumer"]
taken = []
lock = Lock()


def plain(attributes):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}


def take(request, protocol, headers):
    with lock:
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                taken.extend({
                    "trace": span.trace_id.hex(),
                    "id": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(),
                    "name": span.name,
                    "kind": KINDS[span.kind],
                    "status": span.status.code,
                    "attributes": plain(span.attributes),
                    "events": [event.name for event in span.events],
                    "resource": plain(resource.resource.attributes),
                    "protocol": protocol,
                    "headers": headers,
                } for span in scope.spans)


class Grpc(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        take(request, "grpc", {pair.key: pair.value for pair in context.invocation_metadata()})
        return trace_service_pb2.ExportTraceServiceResponse()


class Http(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path != "/v1/traces" or self.headers["content-type"] != "application/x-protobuf":
            return self.answer(404, "text/plain", b"")
        request = trace_service_pb2.ExportTraceServiceRequest()
        request.ParseFromString(body)
        take(request, "http", {name.lower(): value for name, value in self.headers.items()})
        answer = trace_service_pb2.ExportTraceServiceResponse().SerializeToString()
        return self.answer(200, "application/x-protobuf", answer)

    def do_GET(self):
        asked = urlsplit(self.path)
        trace = parse_qs(asked.query).get("trace", [None])[0]
        with lock:
            spans = [span for span in taken if trace in (None, span["trace"])]
        self.answer(200 if asked.path == "/spans" else 404, "application/json", json.dumps(spans, default=str).encode())

    def answer(self, status, media_type, body):
        self.send_response(status)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main(grpc_port, http_port):
    server = grpc.server(ThreadPoolExecutor(4))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Grpc(), server)
    server.add_insecure_port(f"127.0.0.1:{grpc_port}")
    server.start()
    ThreadingHTTPServer(("127.0.0.1", http_port), Http).serve_forever()


main(int(sys.argv[1]), int(sys.argv[2]))
