"""What the three stand-ins share: they say who they are in a file, and behave as a variable asks them to.

`STAND_IN_FOLDER` takes one JSON file for each; `STAND_IN_<NAME>` is the behaviour of one of them.
"""

import json
import os
import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


def introduce(name: str) -> str:
    """Write down process, arguments and environment; returns the behaviour asked for."""
    behaviour = os.environ.get(f"STAND_IN_{name.upper()}", "")
    story = {"pid": os.getpid(), "arguments": sys.argv[1:], "environment": dict(os.environ)}
    if behaviour == "has a child":
        sleeper = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        story["child"] = sleeper.pid
    file = folder() / f"{name}.json"
    file.with_suffix(".new").write_text(json.dumps(story))
    file.with_suffix(".new").rename(file)
    return behaviour


def folder() -> Path:
    return Path(os.environ["STAND_IN_FOLDER"])


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def argument(option: str) -> str:
    return sys.argv[sys.argv.index(option) + 1]


def serve(name: str, documents: dict[str, object]) -> None:
    """Answer each path of the documents with 200, until SIGTERM."""
    behaviour = introduce(name)
    if behaviour == "dies":
        say("first the reason, in one line")
        os._exit(7)
    signal.signal(signal.SIGINT, lambda *_: (folder() / f"{name}.interrupted").touch())
    signal.signal(signal.SIGTERM, signal.SIG_IGN if behaviour == "stubborn" else lambda *_: sys.exit(0))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path in documents and behaviour != "never ready"
            self.send_response(200 if known else 503)
            self.end_headers()
            self.wfile.write(json.dumps(documents.get(self.path)).encode())

        def log_message(self, *_: object) -> None:
            pass

    say("\x1b[32mlistening\x1b[0m on [red]its[/red] port")
    ThreadingHTTPServer((argument("--host"), int(argument("--port"))), Handler).serve_forever()
