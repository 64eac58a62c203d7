"""Runs steps in order, and only those whose inputs have changed."""

import difflib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from house_record import Record

from housing_price_model.errors import PipelineError, PromotionRefused
from housing_price_model.pipeline.configuration import Configuration
from housing_price_model.pipeline.run_log import PipelineLog
from housing_price_model.pipeline.steps import STEP_NAMES, STEPS, VERSION_FILE, Step, Work
from housing_price_model.pipeline.store import SHOWN_DIGITS, Result, ResultStore, compute_checksum, compute_code_version
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
    """A pipeline with its stores and logs. ``steps`` are all steps in order."""

    configuration: Configuration
    record: Record
    store: ResultStore
    client: "MlflowClient"
    log: PipelineLog
    progress: Progress
    studies: Path
    steps: Sequence[Step] = STEPS

    def run(self, chosen: Collection[str]) -> Mapping[str, Result]:
        """Run the chosen steps, and return the results of all steps that have one.

        Raises:
            PipelineError: if a step needs a result that does not exist for this configuration.
            ModelError: if a step fails. Results of earlier steps are kept.
        """
        results: dict[str, Result] = {}
        with self.log.parent():
            for step in self.steps:
                found = self._run_or_find(step, results, is_chosen=step.name in chosen)
                if found is not None:
                    results[step.name] = found
        return results

    def _run_or_find(self, step: Step, results: Mapping[str, Result], *, is_chosen: bool) -> Result | None:
        if not is_chosen and not set(step.needs) <= results.keys():
            return None
        inputs = {need: self._find_inputs(step, need, results).checksum for need in step.needs}
        settings = step.settings(self.configuration)
        made_of = {"inputs": inputs, "settings": settings, "program": compute_code_version()}
        key = compute_checksum({"step": step.name, **made_of})
        found = self.store.find(step.name, key)
        if found is not None and self._still_holds(found):
            if is_chosen:
                self.progress.step(f"{step.name}: unchanged, skipped ({found.key[:SHOWN_DIGITS]})")
                self.log.record_skipped(found, inputs)
            return found
        if not is_chosen:
            return None
        with self.log.step(step.name, inputs, settings) as run_id:
            self.progress.step(f"{step.name}: runs")
            made = self.store.make(
                step.name, key, made_of, lambda folder: step.run(self._work(step, key, results, folder, run_id))
            )
            self.log.record_result(run_id, made)
        return made

    def _find_inputs(self, step: Step, need: str, results: Mapping[str, Result]) -> Result:
        if need not in results:
            raise PipelineError(
                f"step {step.name} needs the result of {need}, which does not exist for this configuration:"
                f" run that step too, with --from {need}"
            )
        return results[need]

    def _work(self, step: Step, key: str, results: Mapping[str, Result], folder: Path, run_id: str) -> Work:
        return Work(
            configuration=self.configuration,
            record=self.record,
            inputs={need: results[need].folder for need in step.needs},
            output=folder,
            progress=self.progress,
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
