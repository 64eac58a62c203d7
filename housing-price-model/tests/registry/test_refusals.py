"""Whoever refuses is named, in its own words: MLflow's two checks, proxies, gateways, TLS, and other servers."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from housing_price_model.cli.app import app
from housing_price_model.errors import RegistryDenied, RegistryError
from housing_price_model.registry.connection import connect, translate_errors, wait_until_reachable
from typer.testing import CliRunner

HOST_CHECK = "Invalid Host header - possible DNS rebinding attack detected"
SQUID = (
    "<html><head><title>ERROR</title><style>p {x: y}</style></head>"
    "<body><h1>ERROR</h1><p>Access\nDenied.</p></body></html>"
)
NGINX = (
    "<html>\r\n<head><title>{0}</title></head>\r\n"
    "<body>\r\n<center><h1>{0}</h1></center>\r\n<hr><center>nginx</center></body></html>"
)
NO_PASSWORD = "MLFLOW_TRACKING_USERNAME"

type Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves one answer at every path, but a healthy one at `/health`; returns the address."""
    servers = []

    def start(status: int, body: str, *, health: int = 200) -> str:
        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_health = self.path.endswith("/health")
                self.send_response(health if is_health else status)
                self.end_headers()
                self.wfile.write(b"OK" if is_health and health == 200 else body.encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def refusal_at(uri: str) -> str:
    with pytest.raises(RegistryError) as raised:
        connect(uri, timeout_seconds=0)
    message = str(raised.value)
    assert "\n" not in message
    assert "<" not in message
    return message


def test_a_refused_host_name_is_not_taken_for_a_missing_password(serve: Serve) -> None:
    message = refusal_at(serve(403, HOST_CHECK))

    assert HOST_CHECK in message
    assert "MLFLOW_SERVER_ALLOWED_HOSTS=127.0.0.1" in message
    assert NO_PASSWORD not in message


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, "You are not authenticated. Please see https://mlflow.org/docs on how to authenticate."),
        (403, "Permission denied"),
        (403, '{"error_code": "PERMISSION_DENIED", "message": "not for you"}'),
    ],
)
def test_a_user_whom_mlflow_refuses_is_told_where_the_password_goes(serve: Serve, status: int, body: str) -> None:
    with pytest.raises(RegistryDenied, match=NO_PASSWORD):
        connect(serve(status, body), timeout_seconds=0)


def test_the_login_of_a_gateway_is_told_from_mlflows(serve: Serve) -> None:
    message = refusal_at(serve(401, NGINX.format("401 Authorization Required")))

    assert "not in MLflow's words" in message
    assert '401, "401 Authorization Required nginx"' in message


@pytest.mark.parametrize("status", [403, 407, 502, 503])
def test_a_gateway_that_refuses_is_quoted_without_its_markup(serve: Serve, status: int) -> None:
    message = refusal_at(serve(status, SQUID))

    assert f'{status}, "ERROR Access Denied."' in message
    assert NO_PASSWORD not in message


@pytest.mark.parametrize("status", [403, 407, 502, 503])
@pytest.mark.parametrize("health", [200, None], ids=["healthy", "refused"])
def test_a_proxy_of_the_environment_that_refuses_is_named_with_no_proxy(
    serve: Serve, status: int, health: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(status, SQUID, health=health or status)
    for variable in ("http_proxy", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HTTP_PROXY", proxy.replace("://", "://somebody:secret@"))

    message = refusal_at("http://mlflow.example:9999")

    assert f"the proxy {proxy}" in message
    assert "add mlflow.example to NO_PROXY" in message
    assert f'{status}, "ERROR Access Denied."' in message
    assert NO_PASSWORD not in message
    assert "secret" not in message


def test_a_proxy_that_nobody_runs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    message = refusal_at("http://mlflow.example:9999")

    assert "the proxy http://127.0.0.1:1 can't be used: Connection refused" in message
    assert "add mlflow.example to NO_PROXY" in message


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_registry_on_loopback_is_asked_without_a_proxy(
    serve: Serve, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv(variable, "http://127.0.0.1:1")

    connect(serve(200, "{}"), timeout_seconds=0)
    connect(serve(200, "{}").replace("127.0.0.1", "LOCALHOST"), timeout_seconds=0)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (404, '{"title": "Not Found", "status": 404, "code": "NOT_FOUND"}', '404, "Not Found"'),
        (404, NGINX.format("404 Not Found"), '404, "404 Not Found nginx"'),
        (200, "<html><head><title>Sign in</title></head></html>", '200, "Sign in"'),
        (200, "hello\x1b[31m\nworld" + 1000 * "!", '200, "hello[31m world!!!'),
        (404, "", "(404)"),
    ],
)
def test_another_server_is_not_taken_for_mlflow(serve: Serve, status: int, body: str, said: str) -> None:
    message = refusal_at(serve(status, body))

    assert "is no MLflow server" in message
    assert said in message
    assert len(message) < 400


def test_an_error_of_the_api_is_quoted(serve: Serve) -> None:
    message = refusal_at(serve(500, '{"error_code": "INTERNAL_ERROR", "message": "the database\\nis gone"}'))

    assert message == "MLflow could not look up the champion: the database is gone"


@contextmanager
def answering_bytes(answer: bytes) -> Iterator[int]:
    """A server that says these bytes to everybody."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_all() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)

        Thread(target=answer_all, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_a_server_without_tls_is_told_from_one_that_is_missing() -> None:
    with answering_bytes(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        message = refusal_at(f"https://127.0.0.1:{port}")

    assert "no TLS connection" in message
    assert f"set MLFLOW_TRACKING_URI to http://127.0.0.1:{port}" in message


def test_a_server_that_speaks_no_http_is_not_waited_for() -> None:
    with answering_bytes(b"-ERR unknown command\r\n") as port, pytest.raises(RegistryError) as raised:
        wait_until_reachable(f"http://127.0.0.1:{port}", timeout_seconds=60)

    assert "what listens there does not speak HTTP" in str(raised.value)


def test_a_name_that_is_unknown_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def know_no_name(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", know_no_name)

    assert "(the name mlflow.example is not known here)" in refusal_at("http://mlflow.example:9999")


@pytest.mark.parametrize("uri", ["http://", "http://mlflow:port", "http://[::1"])
def test_an_address_that_can_be_none_is_not_waited_for(uri: str) -> None:
    with pytest.raises(RegistryError, match="is no address of a server: correct MLFLOW_TRACKING_URI"):
        wait_until_reachable(uri, timeout_seconds=60)


def test_a_refusal_in_the_middle_of_the_work_is_explained_alike() -> None:
    from mlflow.exceptions import MlflowException

    text = f"API request to endpoint /api/2.0/x failed with error code 403 != 200. Response body: '{HOST_CHECK}'"

    with pytest.raises(RegistryError, match="MLFLOW_SERVER_ALLOWED_HOSTS"), translate_errors("register the model"):
        raise MlflowException(text, 9)


@pytest.mark.parametrize(
    "command",
    [
        ("train",),
        ("train", "--if-needed"),
        ("promote", "1"),
        ("rollback",),
        ("evaluate", "1"),
        ("reproduce", "1"),
        pytest.param(("run",), marks=pytest.mark.slow),
        pytest.param(("tune", "--trials", "1"), marks=pytest.mark.slow),
        ("serve", "--port", "0"),
    ],
    ids=str,
)
def test_every_command_tries_the_registry_before_it_works(
    serve: Serve, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", serve(403, HOST_CHECK))

    done = CliRunner().invoke(app, command)

    assert done.exit_code == 1
    assert "fold" not in done.stdout
    assert "finished trial" not in done.stdout
    assert "MLFLOW_SERVER_ALLOWED_HOSTS" in done.stderr
    assert done.stderr.count("\n") == 1
