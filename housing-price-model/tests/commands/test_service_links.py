"""Variables that Kubernetes writes for a service of the model server's name."""

import pytest
from housing_price_model.cli.app import app
from housing_price_model.commands import serve
from service_links import links_of
from typer.testing import CliRunner


def test_variables_that_kubernetes_wrote_are_skipped_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[serve.ServingRequest] = []
    monkeypatch.setattr(serve, "serve_model", lambda request, _console: served.append(request))
    written = links_of("HOUSING_PRICE_MODEL") | links_of("MLFLOW")
    for name, value in (written | {"PORT": "8123"}).items():
        monkeypatch.setenv(name, value)

    done = CliRunner().invoke(app, ["serve"])

    assert done.exit_code == 0, done.output
    assert [request.port for request in served] == [8123]
    assert done.stderr.count("\n") == 1
    assert all(name in done.stderr for name in written)
