"""A model server in a few lines of Python: what insuring a house costs a year, by MLflow's scoring protocol."""

import json
import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COST_PER_DOLLAR = float(os.environ.get("COST_PER_DOLLAR", "0.002"))
COST_PER_YEAR_OF_AGE = 6.0


class Handler(BaseHTTPRequestHandler):
    """Answers `GET /ping` once it runs, and `POST /invocations` with a cost for each row."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Whether the model is ready."""
        self._answer(200 if self.path == "/ping" else 404, {})

    def do_POST(self) -> None:
        """The costs of a table."""
        table = json.loads(self.rfile.read(int(self.headers["content-length"])))["dataframe_split"]
        rows = [dict(zip(table["columns"], row, strict=True)) for row in table["data"]]
        self._answer(200, {"predictions": [cost(**row) for row in rows]})

    def _answer(self, status: int, document: dict[str, list[float]]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def cost(price: float, year_built: int) -> float:
    """What insuring a house costs a year."""
    return COST_PER_DOLLAR * price + COST_PER_YEAR_OF_AGE * (2026 - year_built)


def stop(*_: object) -> None:
    """End at once: without a handler, the first process of a container ignores `docker stop`."""
    raise SystemExit


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    print("listening on port 8080", flush=True)
    ThreadingHTTPServer(("", 8080), Handler).serve_forever()
