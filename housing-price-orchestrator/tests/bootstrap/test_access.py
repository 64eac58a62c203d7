"""What the service says of its keys when it starts."""

from pathlib import Path
from typing import Any

import pytest
from api_keys.keys import Scope
from housing_price_orchestrator.access.keys import key_file
from housing_price_orchestrator.bootstrap.access import AccessControl, _connect_to_redis
from housing_price_orchestrator.cli.main import app
from housing_price_orchestrator.observability.metrics.metrics import Metrics
from housing_price_orchestrator.provider.redis.connection import RedisUnavailable
from housing_price_orchestrator.settings import KeySettings, RedisSettings, Settings
from pydantic import SecretStr
from typer.testing import CliRunner


@pytest.fixture
def exposed(tmp_path: Path) -> Path:
    file = tmp_path / "keys.json"
    key_file(KeySettings(file=file)).add("shop", [Scope.PREDICT])
    file.chmod(0o644)
    return file


async def test_keys_that_every_user_can_read_are_told_at_the_start(exposed: Path, logged: Any) -> None:
    settings = Settings.model_construct(keys=KeySettings(file=exposed))

    async with AccessControl(settings, Metrics()).open():
        pass

    (told,) = [line for line in logged if line["event"] == "API keys are not private"]
    assert told["log_level"] == "warning"
    assert f"chmod o-rwx {exposed}" in told["reason"]


@pytest.mark.parametrize("command", ["list", "revoke shop", "add till --scope read"])
def test_keys_that_every_user_can_read_are_told_by_each_command(exposed: Path, command: str) -> None:
    done = CliRunner().invoke(app, ["keys", *command.split()], env={"ORCHESTRATOR_KEYS__FILE": str(exposed)})

    assert done.exit_code == 0, done.output
    assert f"WARNING: every user of this machine can read the API keys ({exposed})" in done.stderr


@pytest.mark.parametrize("url", ["redis://:secret@127.0.0.1:1/0", "redis://127.0.0.1:1"])
async def test_a_redis_that_refuses_is_told_with_address_and_setting_but_no_password(url: str, logged: Any) -> None:
    connection = _connect_to_redis(RedisSettings(url=SecretStr(url)), Metrics())

    async with connection:
        with pytest.raises(RedisUnavailable):
            await connection.run(connection.register_script("return 1"), [])

    (told,) = [line for line in logged if line["log_level"] == "error"]
    assert (told["address"], told["setting"]) == ("127.0.0.1:1", "ORCHESTRATOR_REDIS__URL")
    assert "secret" not in str(told)
