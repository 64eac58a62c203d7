"""Keys as people use them: the command, a service that runs meanwhile, and no secret in anything that comes out."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fake_model_server import FakeModelServer, serving
from house_record import minimal_document
from price_routes import PREDICT
from running_orchestrator import command, environment, orchestrator
from running_redis import PASSWORD, redis_server
from waiting import wait_until

pytestmark = pytest.mark.integration

PEPPER = "pepper-that-nobody-may-see"
CLIENT = httpx.Client(timeout=120)


@pytest.fixture(scope="module")
def model_url() -> Iterator[str]:
    with serving(FakeModelServer()) as url:
        yield url


def run_keys(folder: Path, *options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("keys", *options),
        env=environment(**settings),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def add(folder: Path, name: str, *scopes: str, **settings: str) -> str:
    options = [option for scope in scopes for option in ("--scope", scope)]
    done = run_keys(folder, "add", name, *options, **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def ask(port: int, key: str | None = None, path: str = PREDICT, **headers: str) -> httpx.Response:
    # A connection of its own for each, so that any worker may answer.
    headers |= {"Connection": "close"} | ({"X-API-Key": key} if key else {})
    url = f"http://127.0.0.1:{port}{path}"
    if path.startswith(PREDICT):
        return CLIENT.post(url, json=minimal_document(), headers=headers)
    return CLIENT.get(url, headers=headers)


def test_a_key_is_printed_once_listed_without_it_and_revoked(tmp_path: Path) -> None:
    added = run_keys(tmp_path, "add", "shop", "--scope", "predict", "--scope", "read", "--expires-in-days", "90")
    listed = run_keys(tmp_path, "list")
    revoked = run_keys(tmp_path, "revoke", "shop")

    assert added.stdout.startswith("hp_")
    assert "only time" in added.stderr
    assert "shop" in listed.stdout
    assert "predict,read" in listed.stdout
    assert added.stdout.strip() not in listed.stdout
    assert "no longer valid" in revoked.stdout
    assert "every request is refused" in revoked.stdout
    assert {path.name for path in (tmp_path / ".housing-price").iterdir()} == {
        "api-keys.json",
        "api-keys.json.lock",
        "api-keys.json.pepper",
    }


@pytest.mark.parametrize(
    "options",
    [
        ["add", "two words", "--scope", "read"],
        ["add", "shop", "--scope", "read"],
        ["revoke", "nobody"],
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, options: list[str]) -> None:
    add(tmp_path, "shop", "read")

    done = run_keys(tmp_path, *options)

    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_running_service_takes_changes_with_any_number_of_workers(
    tmp_path: Path, model_url: str, workers: str
) -> None:
    def answers(key: str | None, status: int) -> Callable[[], bool]:
        return lambda: {ask(port, key).status_code for _ in range(8)} == {status}

    with orchestrator(tmp_path, "--workers", workers, PRICING_MODEL__URL=model_url) as (port, _):
        wait_until(answers(None, 200))

        old = add(tmp_path, "shop-1", "predict")
        wait_until(answers(None, 401))
        wait_until(answers(old, 200))

        new = add(tmp_path, "shop-2", "predict")
        run_keys(tmp_path, "revoke", "shop-1")
        wait_until(answers(old, 401))
        wait_until(answers(new, 200))

        (tmp_path / ".housing-price" / "api-keys.json").unlink()
        assert ask(port, new).status_code == 200
        assert ask(port).status_code == 401


def test_a_service_does_not_start_with_a_damaged_file(tmp_path: Path) -> None:
    add(tmp_path, "shop", "predict")
    (tmp_path / ".housing-price" / "api-keys.json").write_text("damaged")

    done = subprocess.run(
        command("serve"), env=environment(), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
    )

    assert done.returncode == 1
    assert "api-keys.json" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_wrong_settings_are_told_without_secrets(tmp_path: Path) -> None:
    settings = {"REDIS__URL": f"http://:{PASSWORD}@127.0.0.1", "KEYS__PEPPER": "short", "PORT": "x"}

    done = subprocess.run(
        command("serve"),
        env=environment(**settings),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 1
    assert "ORCHESTRATOR_REDIS__URL" in done.stderr
    assert PASSWORD not in done.stderr


@pytest.mark.needs("redis")
def test_no_secret_appears_in_responses_logs_or_metrics(tmp_path: Path) -> None:
    secrets = {PEPPER, PASSWORD, "value-of-a-caller", "query-of-a-caller", "key-of-a-request", "hp_wrong-key"}
    fake = FakeModelServer()
    settings = {"KEYS__PEPPER": PEPPER, "LOG__LEVEL": "debug", "LOG__REQUESTS": "all"}
    limits = {"RATE_LIMIT__KEY_PER_SECOND": "100", "RATE_LIMIT__ADDRESS_PER_SECOND": "100"}
    answers: list[httpx.Response] = []
    with redis_server(tmp_path) as (redis_url, redis), serving(fake) as url:
        good = add(tmp_path, "shop", "predict", "read", **settings)
        revoked = add(tmp_path, "revoked", "predict", **settings)
        run_keys(tmp_path, "revoke", "revoked", **settings)
        secrets |= {good, revoked, redis_url}
        patient = {"REDIS__TIMEOUT_SECONDS": "5"}
        settings |= limits | patient | {"PRICING_MODEL__URL": url, "REDIS__URL": redis_url}
        with orchestrator(tmp_path, **settings) as (port, process):
            answers += [ask(port, key) for key in (None, good, revoked, "hp_wrong-key")]
            answers += [ask(port, good, **{"Idempotency-Key": "key-of-a-request"}) for _ in range(2)]
            answers += [ask(port, good, f"{PREDICT}?coverage=query-of-a-caller"), ask(port, good, "/openapi.json")]
            headers = {"X-API-Key": good, "content-type": "application/json"}
            bodies = [b'{"street": "value-of-a-caller"}', b'{"value-of-a-caller', b'"value-of-a-caller\xff"']
            address = f"http://127.0.0.1:{port}{PREDICT}"
            # The first is echoed to the caller who sent it, as documented, so only log and metrics may not have it.
            httpx.post(address, content=bodies[0], headers=headers)
            answers += [httpx.post(address, content=body, headers=headers) for body in bodies[1:]]
            fake.misbehave = lambda request: httpx.Response(400, json={"stack_trace": "value-of-a-caller"})
            answers.append(ask(port, good))
            redis.kill()
            redis.wait()
            answers += [ask(port, good), ask(port, good, **{"Idempotency-Key": "key-of-a-request"})]
            answers += [ask(port, "hp_wrong-key", "/docs", Authorization="Basic aHBfd3Jvbmcta2V5")]
            metrics = ask(port, good, "/metrics")
            answers.append(metrics)
            process.terminate()
            _, log = process.communicate(timeout=120)

    assert {answer.status_code for answer in answers} >= {200, 400, 401, 422, 502}
    said = [log, *(answer.text + str(answer.headers) for answer in answers)]
    assert not {secret for secret in secrets for text in said if secret in text}
    lines = [json.loads(line) for line in log.splitlines()]
    assert sum("Redis does not answer" in line["event"] for line in lines) == 1
    assert "redis_unavailable_total 0.0" not in metrics.text
    assert 'http_requests_by_key_total{key="shop"}' in metrics.text
