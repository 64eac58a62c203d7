"""Load generators as processes."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from housing_price_bench.errors import GeneratorError
from housing_price_bench.generators.bundled import make_bundled_generator
from housing_price_bench.generators.generator import Generator
from housing_price_bench.generators.selection import choose_generator
from tiny_servers import BODIES, Refusing, make_load, serving

pytestmark = pytest.mark.integration


GENERATORS = [
    pytest.param(make_bundled_generator, id="bundled"),
    pytest.param(
        lambda: choose_generator("wrk"),
        id="wrk",
        marks=pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed"),
    ),
]


@pytest.mark.parametrize("make", GENERATORS)
@pytest.mark.parametrize("counts_statuses", [False, True])
async def test_a_generator_runs_in_a_process_of_its_own(
    make: Callable[[], Generator], counts_statuses: bool, tmp_path: Path
) -> None:
    bodies = tmp_path / "bodies.jsonl"
    bodies.write_bytes(b"".join(body + b"\n" for body in BODIES))

    async with serving(Refusing) as url:
        outcome = await make().run(make_load(url, bodies=bodies, counts_statuses=counts_statuses))

    assert outcome.good > 0
    assert abs(outcome.good - 3 * outcome.failures) <= 16
    if counts_statuses:
        assert outcome.statuses == {"200": outcome.good, "422": outcome.failures}


async def test_a_failing_program_is_named_with_its_last_lines() -> None:
    failing = Generator(
        name="failing",
        version="1",
        command=lambda load: (sys.executable, "-c", "import sys; sys.exit('no such option')"),
        read=lambda text: pytest.fail("it printed nothing"),
    )

    with pytest.raises(GeneratorError, match="failing ended with exit code 1: no such option"):
        await failing.run(make_load())
