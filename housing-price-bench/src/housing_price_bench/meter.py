"""Measures trials: a warm-up, then the load, with a look at the processes before and after."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from supervised_processes.process import Process

from housing_price_bench.case import Case, Trial
from housing_price_bench.generators.generator import Generator, cpu_seconds_of_ended
from housing_price_bench.load import Load, Outcome
from housing_price_bench.usage import cores_used, machine_cpu_seconds, usages

_WARM_UP_CONNECTIONS = 4
"""At most, since a server works on what was asked even after its caller has gone."""

_LONGER = 5
_LONG_SECONDS = 5.0


@dataclass(frozen=True)
class Seen:
    """One round of a trial."""

    outcome: Outcome
    cores: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Meter:
    """Measures with one generator; `done` is told each case."""

    generator: Generator
    bundled: Generator
    warm_up_seconds: float
    done: Callable[[Case], None]
    clock: Callable[[], float] = time.monotonic

    async def case(self, trial: Trial) -> Case:
        """One trial in one round."""
        [case] = await self.in_turns([trial], rounds=1)
        return case

    async def in_turns(self, trials: Sequence[Trial], *, rounds: int) -> list[Case]:
        """Several trials that take turns, so that each has its share of a machine's good and bad moments."""
        seen: list[list[Seen]] = [[] for _ in trials]
        for _ in range(rounds):
            for trial, of_trial in zip(trials, seen, strict=True):
                await self._warm_up(trial)
                of_trial.append(await self._round(trial))
        cases = [case_of(trial, of_trial) for trial, of_trial in zip(trials, seen, strict=True)]
        for case in cases:
            self.done(case)
        return cases

    async def send(self, load: Load) -> Outcome:
        """Send a load by the generator that can send it."""
        suits = (
            load.bodies and not load.pause_seconds and (self.generator.takes_many_bodies or not load.counts_statuses)
        )
        return await (self.generator if suits else self.bundled).run(load)

    async def _warm_up(self, trial: Trial) -> None:
        connections = min(trial.load.connections, _WARM_UP_CONNECTIONS)
        await self.send(replace(trial.load, connections=connections, seconds=self.warm_up_seconds))

    async def _round(self, trial: Trial) -> Seen:
        seen = await self._once(trial)
        if seen.outcome.requests >= trial.load.connections:
            return seen
        # So slow that nothing can be said yet.
        longer = replace(trial.load, seconds=max(_LONGER * trial.load.seconds, _LONG_SECONDS))
        return await self._once(replace(trial, load=longer))

    async def _once(self, trial: Trial) -> Seen:
        processes, machine, generators = usages(trial.processes), machine_cpu_seconds(), cpu_seconds_of_ended()
        began = self.clock()
        outcome = await self.send(trial.load)
        in_all = (machine_cpu_seconds() - machine) / (self.clock() - began)
        of_processes = cores_used(processes, usages(trial.processes), outcome.seconds)
        sending = cpu_seconds_of_ended() - generators if outcome.cpu_seconds is None else outcome.cpu_seconds
        return Seen(outcome, {**of_processes, "generator": sending / outcome.seconds, "machine": in_all})


def case_of(trial: Trial, seen: Sequence[Seen]) -> Case:
    """The case that the rounds of a trial make."""
    return Case(
        subject=trial.subject,
        kind=trial.kind,
        connections=trial.load.connections,
        rounds=tuple(of_round.outcome for of_round in seen),
        cores={name: fmean(of_round.cores[name] for of_round in seen) for name in seen[-1].cores},
        resident_mb=resident_mb(trial.processes),
        rows=trial.rows,
        refused_share=trial.refused_share,
    )


def resident_mb(processes: Sequence[Process]) -> dict[str, float]:
    """Memory of each process now."""
    return {name: usage.resident_mb for name, usage in usages(processes).items()}
