"""The runner: what runs, what is skipped, and what is made of damaged or missing results. Its steps are fakes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event
from types import SimpleNamespace
from typing import Any

import pytest
from house_record import AMES
from housing_price_model.errors import PipelineError
from housing_price_model.pipeline.configuration import Configuration, read_configuration
from housing_price_model.pipeline.runner import Pipeline
from housing_price_model.pipeline.steps import VERSION_FILE, Step, Work
from housing_price_model.pipeline.store import Result, ResultStore
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST


class FakeLog:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    @contextmanager
    def parent(self) -> Iterator[None]:
        yield

    @contextmanager
    def step(self, name: str, inputs: Mapping[str, str], settings: Mapping[str, Any]) -> Iterator[str]:
        yield name

    def record_result(self, run_id: str, result: Result) -> None:
        self.noted.append(f"{result.step} made {', '.join(result.outputs)}")

    def record_skipped(self, result: Result, inputs: Mapping[str, str]) -> None:
        self.noted.append(f"{result.step} skipped")


class FakeRegistry:
    """Has versions by the runs that they are of, or has them no more."""

    def __init__(self) -> None:
        self.runs = {"7": "a1b2"}

    def get_model_version(self, name: str, version: str) -> SimpleNamespace:
        if version not in self.runs:
            raise MlflowException("no such version", error_code=RESOURCE_DOES_NOT_EXIST)
        return SimpleNamespace(version=version, status="READY", run_id=self.runs[version])


def write_source(work: Work) -> None:
    (work.output / "sales").write_text(work.configuration.data.source)


def write_same(work: Work) -> None:
    (work.output / "split").write_text(str(len((work.inputs["read"] / "sales").read_text())))


def write_version(work: Work) -> None:
    (work.output / VERSION_FILE).write_text('{"version": "7", "run_id": "a1b2"}')


STEPS = (
    Step("read", (), lambda chosen: chosen.data.model_dump(), write_source),
    Step("split", ("read",), lambda _: {}, write_same),
    Step("register", ("split",), lambda _: {}, write_version),
)
ALL = [step.name for step in STEPS]


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture
def run(log: FakeLog, registry: FakeRegistry, said: Any, tmp_path: Path) -> Callable[..., Mapping[str, Result]]:
    def run_steps(
        *overrides: str, only: list[str] = ALL, steps: tuple[Step, ...] = STEPS, workers: int = 2
    ) -> Mapping[str, Result]:
        log.noted.clear()
        configuration: Configuration = read_configuration(None, overrides)
        pipeline = Pipeline(
            configuration=configuration,
            record=AMES,
            store=ResultStore(tmp_path / "pipeline"),
            client=registry,  # type: ignore[arg-type] # the fake
            log=log,  # type: ignore[arg-type] # the fake
            progress=said,
            studies=tmp_path / "studies.db",
            steps=steps,
            workers=workers,
        )
        return pipeline.run(only)

    return run_steps


def test_a_second_run_skips_every_step_and_says_so(
    run: Callable[..., Mapping[str, Result]], log: FakeLog, said: list[str]
) -> None:
    first = run()
    assert log.noted == ["read made sales", "split made split", f"register made {VERSION_FILE}"]

    second = run()

    assert log.noted == ["read skipped", "split skipped", "register skipped"]
    assert first == second
    assert said[-1].startswith("register: unchanged, skipped (")


def test_a_change_runs_only_the_steps_that_depend_on_it(run: Callable[..., Mapping[str, Result]], log: FakeLog) -> None:
    run("data.source=abc")

    run("data.source=xyz")

    # The second step's result is the same, so that the third has nothing to do.
    assert log.noted == ["read made sales", "split made split", "register skipped"]


def test_results_are_read_only_and_named_by_their_inputs(run: Callable[..., Mapping[str, Result]]) -> None:
    one, other = run("data.source=abc")["read"], run("data.source=xyz")["read"]

    assert one.folder != other.folder
    assert (one.folder / "sales").read_text() == "abc"
    assert (one.folder / "sales").stat().st_mode & 0o222 == 0


def test_a_result_that_was_changed_is_made_anew(run: Callable[..., Mapping[str, Result]], log: FakeLog) -> None:
    path = run()["read"].folder / "sales"
    path.chmod(0o644)
    path.write_text("something else")

    run()

    assert log.noted[0] == "read made sales"
    assert path.read_text() == "sample"


def test_a_step_alone_uses_the_results_that_are_there(run: Callable[..., Mapping[str, Result]], log: FakeLog) -> None:
    run(only=["read"])

    run(only=["split"])

    assert log.noted == ["split made split"]


def test_refuses_a_step_without_its_inputs(
    run: Callable[..., Mapping[str, Result]],
) -> None:
    run("data.source=abc", only=["read"])

    refusal = r"step split needs the result of read, .*: run that step too, with --from read"
    with pytest.raises(PipelineError, match=refusal):
        run("data.source=other", only=["split"])


def test_a_version_that_is_gone_is_registered_again(
    run: Callable[..., Mapping[str, Result]], log: FakeLog, registry: FakeRegistry
) -> None:
    run()
    registry.runs.clear()

    run()

    assert log.noted == ["read skipped", "split skipped", f"register made {VERSION_FILE}"]


def test_another_registrys_version_with_the_same_number_does_not_count(
    run: Callable[..., Mapping[str, Result]], log: FakeLog, registry: FakeRegistry
) -> None:
    run()
    registry.runs["7"] = "c3d4"

    run()

    assert log.noted == ["read skipped", "split skipped", f"register made {VERSION_FILE}"]


def test_a_step_that_fails_leaves_nothing_behind(run: Callable[..., Mapping[str, Result]], tmp_path: Path) -> None:
    def fail(work: Work) -> None:
        (work.output / "half").write_text("done")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(steps=(Step("read", (), lambda _: {}, fail),))

    assert list((tmp_path / "pipeline" / "read").iterdir()) == []


PATIENCE_SECONDS = 60.0


def step(name: str, *needs: str, does: Callable[[Work], None] = lambda _: None) -> Step:
    return Step(name, needs, lambda _: {}, does)


def test_independent_steps_run_at_the_same_time(run: Callable[..., Mapping[str, Result]]) -> None:
    both = Barrier(2, timeout=PATIENCE_SECONDS)

    made = run(
        only=["one", "other"],
        steps=(step("one", does=lambda _: ignore(both.wait())), step("other", does=lambda _: ignore(both.wait()))),
    )

    assert list(made) == ["one", "other"]


def ignore(_value: object) -> None:
    pass


@pytest.mark.parametrize("workers", [1, 2], ids=str)
def test_lines_are_in_the_order_of_the_steps(
    run: Callable[..., Mapping[str, Result]], said: list[str], workers: int
) -> None:
    other_is_done = Event()

    def wait(work: Work) -> None:
        # Alone, the first step can't wait for the second.
        assert workers == 1 or other_is_done.wait(PATIENCE_SECONDS)
        work.progress.step("one: ends")

    def end(work: Work) -> None:
        work.progress.step("other: ends")
        other_is_done.set()

    run(only=["one", "other"], steps=(step("one", does=wait), step("other", does=end)), workers=workers)

    assert said == ["one: runs", "one: ends", "other: runs", "other: ends"]


def test_a_failure_stops_the_steps_after_it(run: Callable[..., Mapping[str, Result]], said: list[str]) -> None:
    endless_began = Event()

    def fail(_work: Work) -> None:
        assert endless_began.wait(PATIENCE_SECONDS)
        raise PipelineError("no luck")

    def never_end(work: Work) -> None:
        while True:
            work.progress.step("endless: goes on")
            endless_began.set()

    with pytest.raises(PipelineError, match="no luck"):
        run(
            only=["failing", "endless", "after"],
            steps=(step("failing", does=fail), step("endless", does=never_end), step("after", "failing")),
        )

    assert said == ["failing: runs"]


def test_a_failure_lets_the_steps_before_it_finish(run: Callable[..., Mapping[str, Result]], said: list[str]) -> None:
    failed = Event()

    def finish(work: Work) -> None:
        assert failed.wait(PATIENCE_SECONDS)
        work.progress.step("before: ends")

    def fail(_work: Work) -> None:
        failed.set()
        raise PipelineError("no luck")

    with pytest.raises(PipelineError, match="no luck"):
        run(only=["before", "failing"], steps=(step("before", does=finish), step("failing", does=fail)))

    assert said == ["before: runs", "before: ends", "failing: runs"]
