"""Measures trials: a warm-up, then the load, with the use of the processes before and after."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from supervised_processes.process import Process

from housing_price_bench.generators.generator import Generator, read_children_cpu_seconds
from housing_price_bench.generators.load import Load, Outcome
from housing_price_bench.prices.case import Case, Trial
from housing_price_bench.servers.usage import compute_cores_used, measure_usage, read_machine_cpu_seconds

_WARM_UP_CONNECTIONS = 4
"""At most, because a server keeps working on requests after their caller has gone."""

_LONGER = 5
_LONG_SECONDS = 5.0


@dataclass(frozen=True)
class Round:
    """One round of a trial."""

    outcome: Outcome
    cores: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Meter:
    """Measures with one generator, or the bundled one where that can't send a load; calls `on_case` with each case."""

    generator: Generator
    bundled: Generator
    warm_up_seconds: float
    on_case: Callable[[Case], None]
    clock: Callable[[], float] = time.monotonic

    async def measure(self, trial: Trial) -> Case:
        """Measure one trial in one round."""
        [case] = await self.measure_in_turns([trial], rounds=1)
        return case

    async def measure_in_turns(self, trials: Sequence[Trial], *, rounds: int) -> list[Case]:
        """Measure several trials that take turns, so that each has its share of a machine's good and bad moments."""
        rounds_of: list[list[Round]] = [[] for _ in trials]
        for _ in range(rounds):
            for trial, of_trial in zip(trials, rounds_of, strict=True):
                await self._warm_up(trial)
                of_trial.append(await self._measure_round(trial))
        cases = [make_case(trial, of_trial) for trial, of_trial in zip(trials, rounds_of, strict=True)]
        for case in cases:
            self.on_case(case)
        return cases

    async def send(self, load: Load) -> Outcome:
        """Send a load with a generator that can."""
        suits = (
            load.bodies and not load.pause_seconds and (self.generator.takes_many_bodies or not load.counts_statuses)
        )
        return await (self.generator if suits else self.bundled).run(load)

    async def _warm_up(self, trial: Trial) -> None:
        connections = min(trial.load.connections, _WARM_UP_CONNECTIONS)
        await self.send(replace(trial.load, connections=connections, seconds=self.warm_up_seconds))

    async def _measure_round(self, trial: Trial) -> Round:
        measured = await self._measure_once(trial)
        if measured.outcome.requests >= trial.load.connections:
            return measured
        # Too slow to say anything yet.
        longer = replace(trial.load, seconds=max(_LONGER * trial.load.seconds, _LONG_SECONDS))
        return await self._measure_once(replace(trial, load=longer))

    async def _measure_once(self, trial: Trial) -> Round:
        processes, machine, generators = (
            measure_usage(trial.processes),
            read_machine_cpu_seconds(),
            read_children_cpu_seconds(),
        )
        began = self.clock()
        outcome = await self.send(trial.load)
        in_all = (read_machine_cpu_seconds() - machine) / (self.clock() - began)
        of_processes = compute_cores_used(processes, measure_usage(trial.processes), outcome.seconds)
        sending = read_children_cpu_seconds() - generators if outcome.cpu_seconds is None else outcome.cpu_seconds
        return Round(outcome, {**of_processes, "generator": sending / outcome.seconds, "machine": in_all})


def make_case(trial: Trial, rounds: Sequence[Round]) -> Case:
    """Make the case of a trial from its rounds."""
    return Case(
        subject=trial.subject,
        kind=trial.kind,
        connections=trial.load.connections,
        rounds=tuple(one.outcome for one in rounds),
        cores={name: fmean(one.cores[name] for one in rounds) for name in rounds[-1].cores},
        resident_mb=measure_resident_mb(trial.processes),
        rows=trial.rows,
        refused_share=trial.refused_share,
    )


def measure_resident_mb(processes: Sequence[Process]) -> dict[str, float]:
    """Measure the memory of each process now."""
    return {name: usage.resident_mb for name, usage in measure_usage(processes).items()}
