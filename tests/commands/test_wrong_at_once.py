"""Options that can be seen to be wrong before a server is asked: no server answers where these commands look."""

import shlex
from pathlib import Path

import pytest
from command_line.program import run
from housing_price_model.cli.app import NAME, app


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("train --recipe nope", "there is no recipe 'nope': choose one of default, random-forest"),
        ("train --data nowhere.csv", "nowhere.csv: No such file or directory"),
        ("train --params nowhere.json", "nowhere.json: No such file or directory"),
        ("tune --data nowhere.csv", "nowhere.csv: No such file or directory"),
        ("tune --output nowhere/best.json", "nowhere/best.json can't be written: name a file in an existing folder"),
        ("evaluate --against nope", "--against nope: name the number of a version, or champion"),
        ("evaluate --output nowhere/page.html", "nowhere/page.html can't be written: name a file in an existing"),
        ("evaluate --data nowhere.csv", "nowhere.csv: No such file or directory"),
        ("reproduce 1 --data nowhere.csv", "nowhere.csv: No such file or directory"),
        ("predict nowhere.json", "nowhere.json: No such file or directory"),
        ("run --steps nope", "there is no step 'nope'"),
        ("run --from nope", "there is no step 'nope'"),
        ("run --config nowhere.toml", "nowhere.toml: No such file or directory"),
        ("run --set nope", "--set nope: write section.key=value"),
        ("serve --model-uri nowhere --port 0", "nowhere is not a folder"),
    ],
)
def test_what_can_be_known_at_once_is_told_before_a_server_is_asked(
    line: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:1")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")

    with pytest.raises(SystemExit) as ended:
        run(app, NAME, shlex.split(line))

    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith(told)
