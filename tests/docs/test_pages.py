"""What every page of the docs keeps to, and what a decision record keeps to beside that."""

import re

import pytest
from markdown_pages import ROOT, Page, all_pages

GENERATED = ("docs/house-record.md", "docs/flows-reference.md")
"""Tables whose rows are as long as their cells."""

LONGEST_LINE = 120
LONGEST_RECORD = 60

PAGES = all_pages()
RECORDS = [page for page in PAGES if re.match(r"docs/decisions/\d{4}-", str(page)) and page.path.stem[:4] != "0000"]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files_and_headings(page: Page) -> None:
    assert list(page.broken_links()) == []


@pytest.mark.parametrize("page", [page for page in PAGES if str(page) not in GENERATED], ids=str)
def test_lines_of_prose_fit_the_width(page: Page) -> None:
    assert [f"{page}:{number}" for number, line in page.prose if len(line) > LONGEST_LINE] == []


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_decision_record_follows_the_template(record: Page) -> None:
    title, *sections = record.headings
    assert title.startswith(f"{int(record.path.name[:4])}. ")
    assert sections == ["Context", "Decision", "Consequences", "Alternatives"]
    assert record.prose[2][1].startswith("**Status:** ")
    assert len((ROOT / record.path).read_text(encoding="utf-8").splitlines()) <= LONGEST_RECORD


def test_the_index_of_decision_records_lists_each_by_its_title() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    rows = [f"[{record.headings[0].partition('. ')[2]}]({record.path.name})" for record in RECORDS]
    assert [row for row in rows if row not in index] == []


def test_modules_that_the_architecture_names_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = {name for name in re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", text) if name != "pyproject.toml"}
    assert named
    assert sorted(name for name in named if not any(ROOT.glob(f"*/src/**/{name}"))) == []


def test_nothing_tells_to_install_a_package_that_is_not_published() -> None:
    members = "|".join(path.parent.name for path in ROOT.glob("*/pyproject.toml"))
    hint = re.compile(rf"pip install\s+['\"]?(?:{members})\b")
    told = [*(ROOT / page.path for page in PAGES if str(page) != "CHANGELOG.md"), *ROOT.glob("*/src/**/*.py")]
    assert [str(path.relative_to(ROOT)) for path in told if hint.search(path.read_text(encoding="utf-8"))] == []
