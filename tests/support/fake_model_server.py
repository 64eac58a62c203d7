"""A model server for tests: MLflow's scoring protocol, with prices that follow from the rows.

Used as the handler of an ``httpx.MockTransport``, or over real HTTP. The contract in ``model_server_contract``
holds for it and for the real servers.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
from house_record import COLUMNS, FEATURES
from housing_price_bench.programmable_model.prices import LAST_SALE_YEAR, describe_model, make_record, price_row
from housing_price_bench.programmable_model.responses import MODEL_MILLISECONDS

__all__ = [
    "LAST_SALE_YEAR",
    "LOT_AREA",
    "MODEL_MILLISECONDS",
    "MONTH_SOLD",
    "YEAR_SOLD",
    "FakeModelServer",
    "make_record",
    "price_row",
    "serving",
]

LOT_AREA, YEAR_SOLD, MONTH_SOLD = map(COLUMNS.index, ("LotArea", "YrSold", "MoSold"))


class FakeModelServer:
    """Answers like our model server; ``misbehave`` puts another answer in place of its own.

    Args:
        version: the version that it says it is; None for a server that does not say who it is.
        gives_records: whether it answers with records and heeds parameters, or with numbers alone.
    """

    def __init__(self, version: str | None = "3", *, gives_records: bool = False) -> None:
        self.version = version
        self.gives_records = gives_records
        self.requests: list[httpx.Request] = []
        self.misbehave: Callable[[httpx.Request], httpx.Response] | None = None
        self.features = [{"name": feature.column, "type": feature.kind} for feature in FEATURES]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.misbehave:
            return self.misbehave(request)
        match request.method, request.url.path:
            case "GET", "/ping":
                return self._answer(200, "")
            case "GET", "/model" if self.version:
                return self._answer(200, self.details())
            case "POST", "/invocations":
                return self._invocations(request)
        return self._answer(404, {"detail": "Not Found"})

    def details(self) -> dict[str, Any]:
        """What ``GET /model`` answers."""
        return describe_model(self.version or "") | {"version": self.version, "features": self.features}

    @property
    def invocations(self) -> list[dict[str, Any]]:
        """The tables that were sent to be priced, in order."""
        return [
            json.loads(request.content)["dataframe_split"]
            for request in self.requests
            if request.url.path == "/invocations"
        ]

    def _invocations(self, request: httpx.Request) -> httpx.Response:
        document = json.loads(request.content)
        table = document.get("dataframe_split")
        if table is None:
            return self._answer(400, {"error_code": "BAD_REQUEST", "message": "no dataframe_split"})
        params = document.get("params", {})
        outputs = [make_record(row, **params) if self.gives_records else price_row(row) for row in table["data"]]
        answer = self._answer(200, {"predictions": outputs})
        if self.version:
            answer.headers["server-timing"] = f"model;dur={MODEL_MILLISECONDS}"
        return answer

    def _answer(self, status: int, document: Any) -> httpx.Response:
        identity = {"X-Model-Name": "housing-price", "X-Model-Version": self.version} if self.version else {}
        return httpx.Response(status, json=document, headers=identity)


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # with 5, the default, some of many connections at once wait for a second and more


@contextmanager
def serving(server: FakeModelServer, port: int = 0) -> Iterator[str]:
    """The fake over real HTTP on loopback; its address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("content-length", 0))
            request = httpx.Request(
                self.command, f"http://fake{self.path}", headers=dict(self.headers), content=self.rfile.read(length)
            )
            response = server(request)
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                self.send_header(name, value)
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked has gone
                self.end_headers()
                self.wfile.write(response.content)

        do_GET = do_POST = answer  # noqa: N815  the names that the standard library calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its own signature
            pass

    with _Server(("127.0.0.1", port), Handler) as http_server:
        thread = Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http_server.server_port}"
        finally:
            http_server.shutdown()
            thread.join()
