"""The HTTP services of the examples, in one process: market indices, how customers use theirs, a credit bureau."""

import argparse
import json
import re
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INDICES = {"NAmes": 1.02, "CollgCr": 1.08, "OldTown": 0.95, "Edwards": 0.97, "Somerst": 1.11}
ROUTES: Mapping[str, Callable[..., Any]] = {
    r"/health": dict,
    r"/areas/(\w+)/index": lambda area: {"data": {"area": area, "index": INDICES[area]}},
    r"/customers/(\d+)/usage": lambda customer: {"usage": usage(_known(customer))},
    r"/bureau/(\d+)": lambda customer: {"score": 520 + 27 * _known(customer), "inquiries": _known(customer) % 4},
}


def usage(customer: int) -> dict[str, Any]:
    """How a customer uses the service."""
    return {
        "logins": 2 + (customer * 5) % 9,
        "tickets": (customer * 3) % 7,
        "monthlyFee": 20.0 + 5 * (customer % 4),
        "plan": ("basic", "plus")[customer % 2],
    }


def _known(customer: str) -> int:
    if not 1 <= int(customer) <= 10:
        raise KeyError(customer)
    return int(customer)


class Handler(BaseHTTPRequestHandler):
    """Answers JSON, or 404."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The document of an address."""
        status, document = 404, {"detail": "there is no such thing"}
        for pattern, answer in ROUTES.items():
            if found := re.fullmatch(pattern, self.path):
                try:
                    status, document = 200, answer(*found.groups())
                except KeyError:
                    break
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its own signature
        """Nothing is logged."""


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=9101)
    with ThreadingHTTPServer(("127.0.0.1", parser.parse_args().port), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
