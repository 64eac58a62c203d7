"""Runs steps as soon as the steps they need are done, and only those whose inputs have changed."""

import difflib
import json
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from os import process_cpu_count
from pathlib import Path
from typing import TYPE_CHECKING

from house_record import Record

from housing_price_model.errors import PipelineError, PromotionRefused
from housing_price_model.pipeline.configuration import Configuration
from housing_price_model.pipeline.run_log import PipelineLog
from housing_price_model.pipeline.steps import STEP_NAMES, STEPS, VERSION_FILE, Step, Work
from housing_price_model.pipeline.store import SHOWN_DIGITS, Result, ResultStore, compute_checksum, compute_code_version
from housing_price_model.pipeline.turns import Turns
from housing_price_model.progress import Progress
from housing_price_model.registry.versions import find_version

if TYPE_CHECKING:
    from mlflow import MlflowClient


def choose_steps(steps: str | None, first: str | None) -> tuple[str, ...]:
    """Return the steps to run, in order: a comma-separated list, or all from one on.

    Raises:
        PipelineError: if there is no such step. The message names the nearest one.
    """
    asked = [name.strip() for name in steps.split(",")] if steps is not None else [first or STEP_NAMES[0]]
    for name in asked:
        if name not in STEP_NAMES:
            nearest = difflib.get_close_matches(name, STEP_NAMES, n=1, cutoff=0.0)[0]
            raise PipelineError(f"there is no step {name!r}: {nearest!r}, perhaps ({', '.join(STEP_NAMES)})")
    if steps is None:
        return STEP_NAMES[STEP_NAMES.index(asked[0]) :]
    return tuple(name for name in STEP_NAMES if name in asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A pipeline with its stores and logs. ``steps`` are all steps in order; as many as ``workers`` run at once."""

    configuration: Configuration
    record: Record
    store: ResultStore
    client: "MlflowClient"
    log: PipelineLog
    progress: Progress
    studies: Path
    steps: Sequence[Step] = STEPS
    workers: int = field(default_factory=lambda: process_cpu_count() or 1)

    def run(self, chosen: Collection[str]) -> Mapping[str, Result]:
        """Run the chosen steps, and return the results of all steps that have one, in the order of the steps.

        A step runs as soon as the steps that it needs are done. If one fails, those before it finish, and those after
        it stop.

        Raises:
            PipelineError: if a step needs a result that does not exist for this configuration.
            ModelError: if a step fails. Results of finished steps are kept.
        """
        names = [step.name for step in self.steps]
        turns = Turns(self.progress, names)
        with self.log.parent(), ThreadPoolExecutor(self.workers) as pool:
            try:
                results = self._run_as_ready(pool, turns, chosen)
            except BaseException:
                turns.stop(names)
                raise
        return {name: results[name] for name in names if name in results}

    def _run_as_ready(self, pool: Executor, turns: Turns, chosen: Collection[str]) -> dict[str, Result]:
        results: dict[str, Result] = {}
        waiting, running = list(self.steps), dict["Future[Result | None]", Step]()
        failed: dict[int, BaseException] = {}
        while running or (waiting and not failed):
            unfinished = {step.name for step in [*waiting, *running.values()]}
            ready = [step for step in waiting if not failed and unfinished.isdisjoint(step.needs)]
            for step in ready:
                waiting.remove(step)
                known = {need: results[need] for need in step.needs if need in results}
                running[pool.submit(self._take_turn, step, known, turns, is_chosen=step.name in chosen)] = step
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                step = running.pop(future)
                if (error := future.exception()) is not None:
                    place = self.steps.index(step)
                    failed[place] = error
                    turns.stop([later.name for later in self.steps[place + 1 :]])
                elif (found := future.result()) is not None:
                    results[step.name] = found
        if failed:
            raise failed[min(failed)]
        return results

    def _take_turn(self, step: Step, results: Mapping[str, Result], turns: Turns, *, is_chosen: bool) -> Result | None:
        found = self._run_or_find(step, results, turns.take(step.name), is_chosen=is_chosen)
        turns.finish(step.name)
        return found

    def _run_or_find(
        self, step: Step, results: Mapping[str, Result], progress: Progress, *, is_chosen: bool
    ) -> Result | None:
        if not is_chosen and not set(step.needs) <= results.keys():
            return None
        inputs = {need: self._find_inputs(step, need, results).checksum for need in step.needs}
        settings = step.settings(self.configuration)
        made_of = {"inputs": inputs, "settings": settings, "program": compute_code_version()}
        key = compute_checksum({"step": step.name, **made_of})
        found = self.store.find(step.name, key)
        if found is not None and self._still_holds(found):
            if is_chosen:
                progress.step(f"{step.name}: unchanged, skipped ({found.key[:SHOWN_DIGITS]})")
                self.log.record_skipped(found, inputs)
            return found
        if not is_chosen:
            return None
        with self.log.step(step.name, inputs, settings) as run_id:
            progress.step(f"{step.name}: runs")
            work = self._work(key, {need: results[need].folder for need in step.needs}, run_id, progress)
            made = self.store.make(step.name, key, made_of, lambda folder: step.run(replace(work, output=folder)))
            self.log.record_result(run_id, made)
        return made

    def _find_inputs(self, step: Step, need: str, results: Mapping[str, Result]) -> Result:
        if need not in results:
            raise PipelineError(
                f"step {step.name} needs the result of {need}, which does not exist for this configuration:"
                f" run that step too, with --from {need}"
            )
        return results[need]

    def _work(self, key: str, inputs: Mapping[str, Path], run_id: str, progress: Progress) -> Work:
        return Work(
            configuration=self.configuration,
            record=self.record,
            inputs=inputs,
            output=Path(),
            progress=progress,
            client=self.client,
            run_id=run_id,
            study=f"pipeline {key[:SHOWN_DIGITS]}",
            studies=self.studies,
        )

    def _still_holds(self, result: Result) -> bool:
        """Return whether a registered version still exists. Its run tells, because another registry may use the same
        number."""
        if VERSION_FILE not in result.outputs:
            return True
        kept = json.loads((result.folder / VERSION_FILE).read_bytes())
        try:
            held = find_version(self.client, kept["version"])
        except PromotionRefused:
            return False
        return bool(held.run_id == kept["run_id"])
