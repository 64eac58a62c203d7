"""Settings from the environment and `.env`: every mistake named, nobody else's business minded."""

from pathlib import Path

import pytest
from housing_price_orchestrator.settings.env_example import make_env_example
from housing_price_orchestrator.settings.environment import InvalidSettings, list_variables, read_settings
from service_links import links_of

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.upper().startswith("ORCHESTRATOR_") or name == "PORT"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def mistakes() -> list[str]:
    with pytest.raises(InvalidSettings) as caught:
        read_settings()
    return caught.value.lines


def test_every_setting_has_a_default() -> None:
    assert read_settings().port == 8000


def test_a_nested_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL__URL", "http://model:8080/")
    monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL__TIMEOUT_SECONDS", "0.5")

    settings = read_settings().pricing_model

    assert (settings.url, settings.timeout_seconds) == ("http://model:8080", 0.5)


def test_a_dotenv_file_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("ORCHESTRATOR_PORT=8001\nORCHESTRATOR_HOST=0.0.0.0\nDATABASE=x\n")
    monkeypatch.setenv("ORCHESTRATOR_PORT", "8002")

    settings = read_settings()

    assert (settings.host, settings.port) == ("0.0.0.0", 8002)


@pytest.mark.parametrize("date", ["today", "2026-12"])
def test_the_date_of_valuation_is_today_or_a_month(monkeypatch: pytest.MonkeyPatch, date: str) -> None:
    monkeypatch.setenv("ORCHESTRATOR_VALUATION__AS_OF", date)

    assert read_settings().valuation.as_of == date


@pytest.mark.parametrize("date", ["tomorrow", "2026", "2026-13", "2026-12-01"])
def test_another_date_of_valuation_is_one_line(monkeypatch: pytest.MonkeyPatch, date: str) -> None:
    monkeypatch.setenv("ORCHESTRATOR_VALUATION__AS_OF", date)

    (line,) = mistakes()

    assert line.startswith("ORCHESTRATOR_VALUATION__AS_OF")
    assert "it is neither `today` nor a month from 1800 on, such as 2026-12" in line


def test_origins_are_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_CORS__ORIGINS", "https://a.example, https://b.example")

    assert read_settings().cors.origins == ("https://a.example", "https://b.example")


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL__TIMEOUT_SECONDS", "soon")
    monkeypatch.setenv("ORCHESTRATOR_ENVIRONMENT", "moon")

    lines = mistakes()

    assert len(lines) == 2
    assert any(line.startswith("ORCHESTRATOR_PRICING_MODEL__TIMEOUT_SECONDS: ") for line in lines)
    assert any(line.startswith("ORCHESTRATOR_ENVIRONMENT: ") for line in lines)


def test_an_unknown_name_is_rejected_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PROT", "8001")

    [line] = mistakes()

    assert line.startswith("ORCHESTRATOR_PROT")
    assert "ORCHESTRATOR_PORT" in line


def test_an_unknown_name_in_dotenv_is_rejected_with_the_file() -> None:
    Path(".env").write_text("ORCHESTRATOR_PROT=8001\nPGPASSWORD=x\n")

    [line] = mistakes()

    assert ".env" in line
    assert "ORCHESTRATOR_PROT" in line


def test_all_mistakes_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PROT", "8001")
    monkeypatch.setenv("ORCHESTRATOR_PORT", "70000")

    assert len(mistakes()) == 2


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL__URL", "model:8080")

    [line] = mistakes()

    assert line.startswith("ORCHESTRATOR_PRICING_MODEL__URL: ")


def test_a_dotenv_file_that_is_no_text_is_one_line() -> None:
    Path(".env").write_bytes(b"ORCHESTRATOR_PORT=8001\n# \xff\n")

    [line] = mistakes()

    assert line.startswith(".env: ")


def test_a_section_as_a_whole_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PRICING_MODEL", "notjson")

    [line] = mistakes()

    assert line.startswith("ORCHESTRATOR_PRICING_MODEL")


def test_an_empty_port_of_ours_leaves_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORCHESTRATOR_PORT", "")
    monkeypatch.setenv("PORT", "5000")

    assert read_settings().port == 5000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIMEOUT_SECONDS", "inf"),
        ("URL", "http://a/?x=1"),
        ("URL", "http://a,"),
        ("URL", "http://a,http://a/"),
        ("URL", "model:8080"),
    ],
)
def test_an_odd_value_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"ORCHESTRATOR_PRICING_MODEL__{name}", value)

    [line] = mistakes()

    assert line.startswith(f"ORCHESTRATOR_PRICING_MODEL__{name}: ")


def test_the_platforms_port_is_taken_unless_ours_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "5000")
    assert read_settings().port == 5000

    monkeypatch.setenv("ORCHESTRATOR_PORT", "6000")
    assert read_settings().port == 6000


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1", "5e3"])
def test_a_platforms_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", port)

    [line] = mistakes()

    assert line.startswith("PORT: ")


def test_the_example_file_lists_every_setting() -> None:
    example = make_env_example()

    assert all(f"# {name}=" in example for name in list_variables())
    assert (ROOT / ".env.example").read_text() == example


def test_the_example_file_with_all_lines_in_force_is_valid() -> None:
    lines = make_env_example().splitlines()
    Path(".env").write_text("\n".join(line.removeprefix("# ") for line in lines if line.startswith("# ORCHESTRATOR_")))

    assert read_settings().port == 8000


@pytest.mark.parametrize("service", ["ORCHESTRATOR", "ORCHESTRATOR_CANARY", "ORCHESTRATOR_PRICING"])
def test_variables_that_kubernetes_wrote_are_skipped_with_one_line(
    service: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in links_of(service).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PORT", "8123")

    assert read_settings().port == 8123
    [line] = caplog.messages
    assert "\n" not in line
    assert all(name in line for name in links_of(service))
    assert "enableServiceLinks: false" in line


def test_a_mistyped_setting_beside_them_still_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (links_of("ORCHESTRATOR") | {"ORCHESTRATOR_PROT": "8001"}).items():
        monkeypatch.setenv(name, value)

    assert mistakes() == ["ORCHESTRATOR_PROT (environment): there is no such setting; did you mean ORCHESTRATOR_PORT?"]


@pytest.mark.parametrize("value", ["9" * 30, "1e300", "1e400", "inf", "nan", "-1"])
def test_a_number_beyond_all_reason_is_refused_for_every_setting(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    numbers = (int, float, int | None, float | None)
    names = {name for name, field in list_variables().items() if field.annotation in numbers}

    for name in names:
        monkeypatch.setenv(name, value)

    assert len(names) > 40
    assert names - {line.partition(":")[0].split()[0] for line in mistakes()} == set()
