"""Templates that take long: computed in a process of their own, which ends when their time is up."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from declared_flows.execution.own_process import OwnProcesses
from declared_flows.notation.expressions import NotComputable, TooCostly
from declared_flows.notation.templates import Compiler, Template
from upstream_resilience.deadline import Deadline
from upstream_resilience.errors import DeadlineExceeded

PATIENT_SECONDS = 60.0


def template_of(value: Any) -> Template:
    compiler = Compiler()
    template = compiler.template(value, ())
    assert not compiler.diagnostics
    return template


@pytest.fixture
async def own_process() -> AsyncIterator[OwnProcesses]:
    own_process = OwnProcesses()
    yield own_process
    await own_process.aclose()


async def computed(
    own_process: OwnProcesses, template: Template, seconds: float = PATIENT_SECONDS, **values: Any
) -> Any:
    with pytest.raises(TooCostly):
        template.value(values)
    return await own_process.value(template, values, Deadline.after(seconds))


async def test_a_process_gives_what_the_event_loop_has_no_time_for(own_process: OwnProcesses) -> None:
    numbers = [number % 7 for number in range(2000)]

    found = await computed(
        own_process, template_of({"kinds": "${ xs.distinct() }", "name": "$name"}), xs=numbers, name="n"
    )
    assert found == {"kinds": list(range(7)), "name": "n"}

    with pytest.raises(NotComputable, match="it divides by zero"):
        await computed(own_process, template_of("${ xs.map(x, x / 0) }"), xs=numbers)
    with pytest.raises(NotComputable, match="it is larger than 4 MiB"):
        await computed(own_process, template_of("${ xs.map(x, text) }"), xs=numbers[:20], text="a" * 1_000_000)


async def test_a_process_that_was_killed_while_idle_is_replaced(own_process: OwnProcesses) -> None:
    template, numbers = template_of("${ xs.distinct() }"), [number % 7 for number in range(2000)]
    await computed(own_process, template, xs=numbers)
    (idle,) = own_process._idle  # noqa: SLF001  only the operating system kills it elsewhere
    idle.kill()
    await idle.wait()

    assert await computed(own_process, template, xs=numbers) == list(range(7))


async def test_the_event_loop_runs_on_until_a_costly_expression_is_out_of_time(own_process: OwnProcesses) -> None:
    template = template_of("${ xs.filter(x, x > 3).size() }")
    computing = asyncio.create_task(computed(own_process, template, 0.3, xs=list(range(200_000))))

    await asyncio.sleep(0)
    assert not computing.done()
    with pytest.raises(DeadlineExceeded):
        await computing
