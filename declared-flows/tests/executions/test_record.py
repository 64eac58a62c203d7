"""Ids and places of runs."""

from datetime import UTC, datetime
from uuid import RFC_4122, UUID

import pytest
from declared_flows.executions.record import new_execution_id
from declared_flows.executions.store import Cursor
from hypothesis import given
from hypothesis import strategies as st

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  zones are beside them


def test_an_id_is_a_uuid_of_version_7() -> None:
    made = UUID(hex=new_execution_id())

    assert (made.version, made.variant) == (7, RFC_4122)


def test_ids_sort_by_the_microsecond_they_were_made_in() -> None:
    now = 1_795_262_400_000_000_000
    ids = [new_execution_id(now + microsecond * 1000) for microsecond in range(0, 5000, 7)]

    assert ids == sorted(ids)


def test_ids_of_one_moment_differ() -> None:
    assert len({new_execution_id(0) for _ in range(1000)}) == 1000


@given(MOMENTS)
def test_a_cursor_comes_back_as_it_was_written(moment: datetime) -> None:
    cursor = Cursor(moment, new_execution_id())

    assert Cursor.read(str(cursor)) == cursor


@given(st.text())
def test_a_text_is_a_cursor_or_a_mistake(text: str) -> None:
    try:
        cursor = Cursor.read(text)
    except ValueError:
        return
    assert cursor.started_at.tzinfo is UTC


@pytest.mark.parametrize("text", ["9999999999999999-a", "0-A_z-9"])
def test_the_ends_of_time_are_places_too(text: str) -> None:
    assert str(Cursor.read(text)) == text
