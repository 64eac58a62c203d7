"""The files of the flows."""

from pathlib import Path

import pytest
from housing_price_orchestrator.provider.flow_files import FlowFiles
from watchfiles import Change


def test_the_yaml_files_of_a_folder_are_read_by_their_path(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.yml", "deeper/c.yaml", ".hidden.yaml", ".git/d.yaml", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)

    texts = FlowFiles(tmp_path).texts()

    assert texts == {"a.yml": "a.yml", "b.yaml": "b.yaml", "deeper/c.yaml": "deeper/c.yaml"}


def test_one_file_alone_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a")
    (tmp_path / "b.yaml").write_text("b")

    files = FlowFiles(tmp_path / "a.yaml")

    assert (files.texts(), files.folder) == ({"a.yaml": "a"}, tmp_path)


def test_a_folder_below_a_hidden_one_is_no_hidden_one(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "flows"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text("a")

    assert FlowFiles(folder).texts() == {"a.yaml": "a"}


def test_no_folder_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        FlowFiles(tmp_path / "nowhere").texts()
    assert caught.value.filename == str(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "matters"),
    [
        ("a.yaml", True),
        ("deeper", True),
        ("..data", True),
        ("a.txt", False),
        (".a.yaml", False),
        (".a.yaml.swp", False),
    ],
)
def test_only_changes_of_flows_matter(tmp_path: Path, name: str, matters: bool) -> None:
    assert FlowFiles(tmp_path)._matters(Change.modified, str(tmp_path / name)) is matters  # noqa: SLF001  the filter that the watcher is given
