"""How an output of a page is compared with what a command prints, and that each says what it needs."""

from pathlib import Path

import pytest
from markdown_pages import Page, all_pages
from message_templates import message_templates
from shown_commands import SITUATIONS, ShownCommand, shown_commands, shown_messages


def shown(output: str) -> ShownCommand:
    return ShownCommand(Page(Path("page.md")), 1, "sample", "command", output)


def test_every_shown_command_says_what_it_needs() -> None:
    assert [str(one) for one in shown_commands(*all_pages()) if one.situation not in SITUATIONS] == []


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("price 108577.86", "price 108577.86\n"),
        ("…\nready after 15.0 s", "one\ntwo\nready after 3.2 s\n"),
        ("unchanged\n…", "unchanged\none\ntwo\n"),
        ("-d '{\"id\":1,…}'", '-d \'{"id":1,"lotArea":2}\''),
        ("shop  2026-11-21 20:24", "shop  2027-01-02 03:04"),
        ("data/6b4ae7fb9ef1, skipped (6b4ae7fb9ef1)", "data/f61fe691770f, skipped (f61fe691770f)"),
        ("of run a40432a5ce894584a57df3d684b39d1d", "of run 00000000000000000000000000000000"),
    ],
)
def test_what_a_page_leaves_out_and_what_no_two_runs_share_may_differ(page: str, printed: str) -> None:
    assert shown(page).difference(printed) == ""


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("price 108577.86", "price 108577.87"),
        ("one\ntwo", "one\ntwo\nthree"),
        ("one", ""),
        ("ready after 15.0 s", "ready after 15.0 minutes"),
        ("…\nready", "not\nready yet"),
    ],
)
def test_any_other_difference_is_shown(page: str, printed: str) -> None:
    assert "printed" in shown(page).difference(printed)


@pytest.mark.parametrize(("page", "message"), shown_messages(*all_pages()))
def test_a_message_of_a_page_is_one_that_the_code_makes(page: str, message: str) -> None:
    assert any(template.fullmatch(message) for template in message_templates()), f"{page}: {message}"
