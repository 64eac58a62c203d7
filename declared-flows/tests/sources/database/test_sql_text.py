"""What is seen in the text of a statement."""

import pytest
from declared_flows.sources.database.sql_text import SqlText
from hypothesis import given
from hypothesis import strategies as st

SKIPPED = ["'it''s :no'", '":no"', "`:no`", "-- :no; no\n", "/* :no; */", "$$ :no; $$", "$a$ :no $$ ; $a$", "E'\\':no'"]


def test_a_parameter_is_found_once_and_a_cast_is_none() -> None:
    sql = SqlText("select :a::text, x::int, a[1:2] from t where b = :b and c in (:a, :c_1) and n := 1")

    assert sql.binds == ("a", "b", "c_1")


@given(st.lists(st.sampled_from([*SKIPPED, " :yes ", " select "]), max_size=8))
def test_texts_names_and_comments_hide_what_is_in_them(parts: list[str]) -> None:
    sql = SqlText("\n".join(parts))

    assert sql.binds == (("yes",) if " :yes " in parts else ())
    assert len(sql.statements) <= 1


@given(st.lists(st.sampled_from([*SKIPPED, "50%", ":x", "%(no)s", "::text", "é"]), max_size=8))
def test_what_a_driver_is_given_is_the_same_text(parts: list[str]) -> None:
    text = " ".join(parts).strip()

    assert SqlText(text).render(lambda name: f":{name}", str) == text


@pytest.mark.parametrize(
    ("text", "count"), [("select 1", 1), ("select 1;", 1), ("select 1; -- end", 1), ("select 1; drop t", 2), ("--", 0)]
)
def test_statements_are_counted(text: str, count: int) -> None:
    assert len(SqlText(text).statements) == count


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("select 1", True),
        ("  /* insert */ (SELECT 1)", True),
        ("with x as (select replace(a, b, c) from t) select * from x", True),
        ("values (1)", True),
        ("select * from t for update", True),
        ("update t set a = 1", False),
        ("with x as (insert into t values (1) returning a) select * from x", False),
        ("with x as (select 1) delete from t", False),
        ("with x as (select 1)\nUPDATE t set a = 1", False),
        ("drop table t", False),
    ],
)
def test_a_statement_that_writes_is_seen(text: str, reads: bool) -> None:
    assert SqlText(text).reads is reads
