"""Serves an ONNX classifier: GET /ping, POST /invocations.

A request is {"instances": [[5.1, 3.5, 1.4, 0.2], ...]} or text/csv without a header, the answer
{"predictions": [{"label", "probabilities"}, ...]}.
"""

import csv
import json
import logging
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import onnxruntime

logging.basicConfig(level=os.environ.get("LOG_LEVEL", "info").upper(), format="%(levelname)s %(message)s")
log = logging.getLogger("server")

LABELS = ["setosa", "versicolor", "virginica"]
MAX_BODY = 1024 * 1024


def model_file():
    """The artifact where there is one, else the model of the image."""
    folders = [Path(os.environ.get("MODEL_DIR", "/opt/ml/model")), Path("/opt/model")]
    files = [file for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.onnx"))]
    if not files:
        raise SystemExit(f"no .onnx file in {' or '.join(map(str, folders))}")
    return files[0]


def load():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("THREADS", "1"))
    file = model_file()
    log.info("loading %s", file)
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


class BadRequest(Exception):
    """The caller's mistake; its text is the answer."""


def rows(body, content_type):
    try:
        if content_type.split(";")[0].strip().lower() == "text/csv":
            instances = [[float(cell) for cell in row] for row in csv.reader(body.decode("utf-8").splitlines()) if row]
        else:
            document = json.loads(body)
            instances = document.get("instances") if isinstance(document, dict) else document
        matrix = np.asarray(instances, dtype=np.float32)
    except (ValueError, TypeError) as error:
        raise BadRequest(f"cannot read the request: {error}") from error
    if matrix.ndim != 2 or matrix.shape[1] != 4:
        raise BadRequest("expected rows of four numbers: sepal length and width, petal length and width")
    return matrix


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200 if self.path == "/ping" else 404, None)

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            return self.reply(413, {"error": "the request is larger than 1 MiB"})
        body = self.rfile.read(length)
        if self.path != "/invocations":
            return self.reply(404, None)
        try:
            matrix = rows(body, self.headers.get("Content-Type", "application/json"))
        except BadRequest as error:
            return self.reply(400, {"error": str(error)})
        labels, probabilities = self.server.model.run(None, {"X": matrix})
        predictions = [
            {"label": LABELS[int(label)], "probabilities": dict(zip(LABELS, map(float, row)))}
            for label, row in zip(labels, probabilities)
        ]
        return self.reply(200, {"predictions": predictions})

    def reply(self, status, document):
        data = b"" if document is None else json.dumps(document).encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format, *args):
        log.debug(format, *args)


def main():
    model = load()
    server = ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8080"))), Handler)
    server.model = model
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    log.info("serving on port %d", server.server_port)
    server.serve_forever()
    server.server_close()


if __name__ == "__main__":
    main()
