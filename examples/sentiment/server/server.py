"""Serves a Hugging Face text classifier: GET /ping, POST /invocations.

A request is {"inputs": "text"} or {"inputs": ["text", ...]}, the answer a list of {"label", "score"}. As
application/jsonlines, each line is such a request and gets a line of its own: that is what a batch job sends.
"""

import json
import logging
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from transformers import pipeline

logging.basicConfig(level=os.environ.get("LOG_LEVEL", "info").upper(), format="%(levelname)s %(message)s")
log = logging.getLogger("server")

JSON_LINES = ("application/jsonlines", "application/x-jsonlines")
MAX_BODY = 6 * 1024 * 1024

classifier = pipeline("text-classification", model=os.environ.get("MODEL_DIR", "/opt/model"), device="cpu")
# What one replica works on at once: `workload.concurrency` of the manifest.
slots = threading.BoundedSemaphore(int(os.environ.get("CONCURRENCY", "2")))


class BadRequest(Exception):
    """The caller's mistake; its text is the answer."""


def classify(document):
    inputs = document.get("inputs") if isinstance(document, dict) else None
    texts = [inputs] if isinstance(inputs, str) else inputs
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise BadRequest('expected {"inputs": "text"} or {"inputs": ["text", ...]}')
    with slots:
        return classifier(texts, truncation=True)


def parse(text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadRequest(f"no JSON: {error}") from error


def answer(body, content_type):
    text = body.decode("utf-8", errors="strict")
    if content_type.split(";")[0].strip().lower() in JSON_LINES:
        lines = [line for line in text.splitlines() if line.strip()]
        return "".join(json.dumps(classify(parse(line))) + "\n" for line in lines), "application/jsonlines"
    return json.dumps(classify(parse(text))), "application/json"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200 if self.path == "/ping" else 404, "", "text/plain")

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self.reply(413, '{"error": "the request is larger than 6 MiB"}', "application/json")
        body = self.rfile.read(length)
        if self.path != "/invocations":
            return self.reply(404, "", "text/plain")
        try:
            text, content_type = answer(body, self.headers.get("Content-Type", "application/json"))
            return self.reply(200, text, content_type)
        except (BadRequest, UnicodeDecodeError) as error:
            return self.reply(400, json.dumps({"error": str(error)}), "application/json")
        except Exception:
            log.exception("the model failed")
            return self.reply(500, '{"error": "the model failed"}', "application/json")

    def reply(self, status, text, content_type):
        data = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format, *args):
        log.debug(format, *args)


def main():
    # The model is loaded by now, so that /ping answers only when requests can be served.
    server = ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    log.info("serving on port %d", server.server_port)
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
