"""`bench --overload`: arrivals that wait for nobody, what becomes of them, and what is demanded of it."""

import asyncio
import json
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from housing_price_bench.errors import GeneratorError, UsageError
from housing_price_bench.option_checks import require_overload_options, require_usable_files
from housing_price_bench.options import BenchOptions
from housing_price_bench.overload.arrivals import draw_poisson_arrivals
from housing_price_bench.overload.curve import Curve, Rate
from housing_price_bench.overload.curve_bounds import list_curve_bounds
from housing_price_bench.overload.open_loop import NO_RESPONSE, OpenLoop, Sample
from housing_price_bench.overload.outcome import (
    RateOutcome,
    Responses,
    format_outcome_line,
    parse_outcome_line,
    summarize_samples,
)
from housing_price_bench.overload.plot import draw_curve
from housing_price_bench.overload.report import format_errors, format_rate, make_curve_document
from housing_price_bench.prices.run import run_bench

REFUSAL = b'{"code":"OVERLOADED"}'


def test_arrivals_come_at_random_at_the_rate_and_are_the_same_again() -> None:
    arrivals = list(draw_poisson_arrivals(200, 50, seed=1))

    assert arrivals == list(draw_poisson_arrivals(200, 50, seed=1)) == sorted(arrivals)
    assert arrivals != list(draw_poisson_arrivals(200, 50, seed=2))
    assert len(arrivals) == pytest.approx(10_000, rel=0.03)
    assert 0 < arrivals[0] < arrivals[-1] < 50
    # As many gaps are longer than the mean one as an exponential distribution has.
    assert sum(later - earlier > 1 / 200 for earlier, later in pairwise(arrivals)) == pytest.approx(
        10_000 / math.e, rel=0.05
    )


class Server(asyncio.Protocol):
    """Responses what the body of a request says: a status, or nothing at all, or all three callers together."""

    def __init__(self, together: list["Server"]) -> None:
        self.together = together

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        said = data.rpartition(b"\r\n\r\n")[2]
        if said == b"hang up":
            self.transport.abort()
        elif said == b"together":
            self.together.append(self)
            if len(self.together) == 3:
                for server in self.together:
                    server.answer(b"200")
        elif said != b"silence":
            self.answer(said)

    def answer(self, status: bytes) -> None:
        body = REFUSAL if status == b"503" else b"{}"
        self.transport.write(b"HTTP/1.1 %s x\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    together: list[Server] = []
    server = await asyncio.get_running_loop().create_server(lambda: Server(together), "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/price"


@pytest.mark.parametrize(("body", "status", "code"), [(b"200", 200, None), (b"503", 503, "OVERLOADED")])
async def test_every_request_that_is_due_is_sent_and_its_answer_read(body: bytes, status: int, code: str) -> None:
    async with serving() as url, OpenLoop(url, body, connections=2) as callers:
        samples = await callers.send([0.0, 0.0, 0.0, 0.0, 0.001])

    assert [(sample.status, sample.code) for sample in samples] == [(status, code)] * 5
    assert sorted(sample.due for sample in samples) == [0.0, 0.0, 0.0, 0.0, 0.001]
    assert all(sample.seconds > 0 and sample.late > -0.01 for sample in samples)


async def test_a_request_does_not_wait_for_those_before_it() -> None:
    async with serving() as url, OpenLoop(url, b"together", connections=1, patience_seconds=2) as callers:
        samples = await callers.send([0.0, 0.0, 0.0])

    assert [sample.status for sample in samples] == [200] * 3


async def test_what_is_not_answered_in_the_end_is_given_up() -> None:
    async with serving() as url, OpenLoop(url, b"silence", connections=1, patience_seconds=0.01) as callers:
        assert [sample.status for sample in await callers.send([0.0, 0.0])] == [NO_RESPONSE] * 2


async def test_a_connection_that_breaks_is_a_request_without_an_answer() -> None:
    async with serving() as url, OpenLoop(url, b"hang up", connections=1) as callers:
        first, second = await callers.send([0.0, 0.005])

    assert (first.status, second.status) == (NO_RESPONSE, NO_RESPONSE)


async def test_a_server_that_is_gone_is_a_request_without_an_answer() -> None:
    async with serving() as url:
        callers = OpenLoop(url, b"200", connections=0)
    async with callers:
        assert [sample.status for sample in await callers.send([0.0])] == [NO_RESPONSE]


def sample(status: int, seconds: float = 0.01, body: bytes = b"{}") -> Sample:
    return Sample(due=0.0, late=0.001, seconds=seconds, status=status, body=body)


def test_prices_refusals_and_errors_are_told_apart() -> None:
    seen = summarize_samples(
        [
            *(sample(200, 0.1), sample(200, 3.0)),
            *(sample(503, 0.002, REFUSAL), sample(503, 0.1, b'{"code":"UPSTREAM_UNAVAILABLE"}')),
            *(sample(500, 0.1, b'{"code":"INTERNAL_ERROR"}'), sample(NO_RESPONSE), sample(NO_RESPONSE)),
        ],
        seconds=2.0,
        deadline_seconds=2.0,
        connections=7,
    )

    assert (seen.offered_per_second, seen.goodput_per_second, seen.refused_per_second) == (3.5, 0.5, 0.5)
    assert seen.accepted == Responses(count=2, p50_ms=100.0, p99_ms=3000.0)
    assert seen.refused == Responses(count=1, p50_ms=2.0, p99_ms=2.0)
    assert seen.errors == {"503 UPSTREAM_UNAVAILABLE": 1, "500 INTERNAL_ERROR": 1, "no answer": 2}
    assert parse_outcome_line(f"noise\n{format_outcome_line(seen)}") == seen


@pytest.mark.parametrize("text", ["", "outcome {}", "outcome nonsense"])
def test_a_generator_that_tells_nothing_usable_is_an_error(text: str) -> None:
    with pytest.raises(GeneratorError, match="generator"):
        parse_outcome_line(text)


def rate(factor: float, goodput: int, refused: int = 0, *, refusal_ms: float = 2.0, **changes: Any) -> Rate:
    outcome = RateOutcome(
        seconds=1.0,
        sent=goodput + refused,
        in_time=goodput,
        accepted=Responses(count=goodput, p50_ms=50.0, p99_ms=110.0),
        refused=Responses(count=refused, p50_ms=1.0, p99_ms=refusal_ms if refused else None),
        errors={},
        late_p99_ms=1.0,
        connections=128,
    )
    return Rate(factor=factor, outcome=replace(outcome, **changes), growth_mb=0.5, cores=0.4, load_average=0.1)


def curve(*rates: Rate) -> Curve:
    return Curve(capacity=190.0, idle_mb=60.0, rates=rates)


def verdicts(*rates: Rate) -> dict[str, str]:
    return {bound.what: bound.verdict for bound in list_curve_bounds(curve(*rates))}


GOOD = rate(0.5, 100), rate(1, 190), rate(3, 185, 400), rate(5, 180, 800)


def test_a_good_curve_keeps_every_bound() -> None:
    assert set(verdicts(*GOOD).values()) == {"holds"}
    assert curve(*GOOD).peak == 190


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (rate(3, 170, 400), "goodput at 3 x, share of the peak"),
        (rate(3, 185, 400, refusal_ms=5.1), "p99 of refusals at 3 x"),
        (rate(3, 185, 400, accepted=Responses(count=1, p50_ms=1.0, p99_ms=2001.0)), "p99 of prices at 3 x"),
        (rate(3, 185, 400, errors={"500 INTERNAL_ERROR": 1}), "answers 500, all rates"),
        (rate(3, 185, 400, errors={"504 DEADLINE_EXCEEDED": 1}), "other errors, all rates"),
    ],
)
def test_a_bound_that_is_missed_is_told_and_no_other(bad: Rate, what: str) -> None:
    missed = [name for name, verdict in verdicts(rate(1, 190), bad).items() if verdict != "holds"]

    assert missed == [what]


def test_what_was_not_measured_keeps_no_bound() -> None:
    assert verdicts()["goodput at 3 x, share of the peak"] == "not measured"


def test_the_curve_is_told_to_people_and_programs() -> None:
    measured = curve(*GOOD, rate(5, 1, errors={"no answer": 1_000}))

    assert format_rate(GOOD[2]) == "  3 x, 585 a second: goodput 185.0, refused 400.0, 0 errors"
    assert format_errors(measured) == ["Errors at 5 x: no answer: 1,000"]
    document = json.loads(json.dumps(make_curve_document(measured, machine={}, seconds=1.0), allow_nan=False))
    assert document["errors"] == 1_000
    assert document["rates"][2]["goodput_per_second"] == 185
    assert {bound["verdict"] for bound in document["bounds"]} == {"holds", "does not hold"}


@pytest.mark.parametrize("measured", [curve(*GOOD), curve(rate(0.5, 0)), curve()])
def test_the_picture_is_well_formed_and_its_points_lie_within(measured: Curve) -> None:
    picture = ET.fromstring(draw_curve(measured))

    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    points = [
        tuple(map(float, pair.split(",")))
        for line in picture.iter("{http://www.w3.org/2000/svg}polyline")
        for pair in line.attrib["points"].split()
    ]
    assert points
    assert all(0 <= x <= width and 0 <= y <= height for x, y in points)


def test_the_picture_shows_each_rate() -> None:
    dots = [each for each in ET.fromstring(draw_curve(curve(*GOOD))).iter() if each.tag.endswith("circle")]

    # Prices and refusals in the first panel, the times of prices in the second, and of refusals where there were any.
    assert len(dots) == 4 + 4 + 4 + 2


@pytest.mark.parametrize("option", [{"data": "sample"}, {"recipe": "default"}, {"workers": 2}, {"generator": "wrk"}])
def test_options_of_the_real_model_are_refused(option: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="--overload takes --seconds, --json and --plot alone"):
        require_overload_options(BenchOptions(**option))


def test_a_picture_is_svg_and_of_an_overload(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"ends with \.svg"):
        require_usable_files(BenchOptions(plot_file=tmp_path / "curve.png"))
    with pytest.raises(UsageError, match=r"^--plot is for --overload$"):
        run_bench(BenchOptions(plot_file=tmp_path / "curve.svg"))
