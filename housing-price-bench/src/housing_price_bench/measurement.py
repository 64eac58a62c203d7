"""The whole measurement, subject by subject, each with only the servers that it needs, beside the idle registry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from supervised_processes.errors import ChildEndedError, NotReadyInTimeError
from supervised_processes.process import Process

from housing_price_bench.case import Case
from housing_price_bench.meanwhile import measured_meanwhile
from housing_price_bench.memory import memory_after_requests
from housing_price_bench.meter import Meter
from housing_price_bench.model_cost import model_cost
from housing_price_bench.options import CONNECTIONS, ROUNDS, BenchOptions
from housing_price_bench.results import Results
from housing_price_bench.running_servers import finished, serving
from housing_price_bench.servers import CHAMPION, Servers
from housing_price_bench.trials import Trials

_EMBEDDED_START_SECONDS = 60.0
"""Less than for the others: it is left out where it does not start."""


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run; `doing` is told what is done now."""

    options: BenchOptions
    servers: Servers
    trials: Trials
    meter: Meter
    doing: Callable[[str], None]

    async def run(self) -> Results:
        """Train a version and measure everything that serves it."""
        results = Results()
        self.doing("starting the MLflow server")
        async with serving(self.servers.mlflow):
            self.doing("training")
            await finished(self.servers.training)
            await self._platform_and_echo(results)
            await self._stock(results)
            if self.options.is_forest:
                await self._plain(results)
            await self._embedded(results)
        return results

    async def _platform_and_echo(self, results: Results) -> None:
        model, orchestrator, echo = self.servers.model, self.servers.orchestrator, self.servers.echo
        platform = (model, orchestrator)
        self.doing("starting the model server, the orchestrator and the echo")
        async with serving(model, orchestrator, echo):
            self.doing("memory after many single prices")
            many = self.trials.single("a", CONNECTIONS[-1], self.options.seconds, platform)
            results.memory = await memory_after_requests(self.meter, many, most_seconds=self.options.memory_seconds)
            results.cases += await self._singles_in_turns(platform, echo)
            self.doing("many different houses, some to be refused")
            results.cases.append(await self.meter.case(self.trials.mix(self.options.seconds, platform)))
            results.cases += await self._batches(platform)
            self.doing("what the model alone costs")
            rows = self.trials.bodies.rows.read_bytes()
            results.model = await model_cost(self.servers.url("model"), rows=rows, artefacts=self.servers.folder)

    async def _singles_in_turns(self, platform: Sequence[Process], echo: Process) -> list[Case]:
        self.doing("single prices of the orchestrator and the echo, in turns")
        cases: list[Case] = []
        for connections in CONNECTIONS:
            of_a = self.trials.single("a", connections, self.options.round_seconds, platform)
            of_c = self.trials.single("c", connections, self.options.round_seconds, [echo])
            cases += await self.meter.in_turns([of_a, of_c], rounds=ROUNDS)
        return cases

    async def _batches(self, platform: Sequence[Process]) -> list[Case]:
        self.doing("batches of the orchestrator and the lean model server, in turns")
        batches = self.trials.batch("a", self.options.batch_round_seconds, platform)
        direct = self.trials.batch("d", self.options.batch_round_seconds, [self.servers.model])
        cases = await self.meter.in_turns([batches, direct], rounds=ROUNDS)
        self.doing("answers while batches run")
        looks = self.trials.meanwhile(self.options.seconds, platform)
        in_the_background = self.trials.batch("a", self.options.seconds, platform)
        return [*cases, *await measured_meanwhile(self.meter, in_the_background, looks)]

    async def _stock(self, results: Results) -> None:
        stock = self.servers.stock(CHAMPION)
        self.doing("a stock server of the same version")
        async with serving(stock):
            for connections in CONNECTIONS:
                single = self.trials.single("b", connections, self.options.seconds, [stock])
                results.cases.append(await self.meter.case(single))
            results.cases.append(await self.meter.case(self.trials.batch("b", self.options.seconds, [stock])))

    async def _plain(self, results: Results) -> None:
        folder = self.servers.folder / "plain-model"
        self.doing("a stock server of the plain scikit-learn flavour")
        await finished(self.servers.plain_model(folder))
        stock = self.servers.stock(str(folder))
        async with serving(stock):
            single = self.trials.single("plain", CONNECTIONS[-1], self.options.seconds, [stock])
            results.cases.append(await self.meter.case(single))

    async def _embedded(self, results: Results) -> None:
        embedded = self.servers.embedded
        self.doing("the orchestrator with the model in its own process")
        try:
            async with serving(embedded, start_seconds=_EMBEDDED_START_SECONDS):
                for connections in (CONNECTIONS[0], CONNECTIONS[-1]):
                    single = self.trials.single("e", connections, self.options.seconds, [embedded])
                    results.cases.append(await self.meter.case(single))
        except (ChildEndedError, NotReadyInTimeError) as refusal:
            if any(case.subject == "e" for case in results.cases):
                raise
            results.skipped.append(f"(e) the orchestrator does not start with an embedded model: {_last_line(refusal)}")


def _last_line(error: Exception) -> str:
    return str(error).splitlines()[-1].strip()
