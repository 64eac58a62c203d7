"""uvicorn's private API is used in one place, for the version that it was checked with."""

import ast
from importlib.metadata import version
from pathlib import Path

import http_connections

CHECKED = "0.54"
"""The minor version of uvicorn whose source `http_connections/protocol.py` was last compared with."""

WORKSPACE = Path(http_connections.__file__).parents[3]
PUBLIC = {"uvicorn", "uvicorn.supervisors", "uvicorn.supervisors.multiprocess"}


def test_uvicorn_is_the_version_that_the_protocol_was_checked_with() -> None:
    assert version("uvicorn").startswith(f"{CHECKED}."), (
        f"uvicorn is {version('uvicorn')}, but http_connections was checked with {CHECKED}: compare protocol.py and"
        " response_head.py with uvicorn.protocols.http.httptools_impl (callbacks of the parser, _start_asgi_task,"
        " send_400_response, RequestResponseCycle.send), and server.py and the orchestrator's server/shutdown.py with"
        " uvicorn.Server (shutdown, on_tick, servers, server_state, callback_notify). Then raise CHECKED here and the"
        " pin in both pyproject.toml."
    )


def test_private_modules_of_uvicorn_are_imported_below_this_member_only() -> None:
    users = {
        path.relative_to(WORKSPACE).as_posix().partition("/src/")[2]
        for path in WORKSPACE.glob("*/src/**/*.py")
        if imported_from_uvicorn(path) - PUBLIC
    }

    assert users == {"http_connections/protocol.py", "http_connections/response_head.py"}


def imported_from_uvicorn(path: Path) -> set[str]:
    names = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return {name for name in names if name.split(".")[0] == "uvicorn"}
