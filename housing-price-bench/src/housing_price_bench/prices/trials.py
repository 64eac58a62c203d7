"""The trials: which requests go to which subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supervised_processes.process import Process

from housing_price_bench.generators.load import Load
from housing_price_bench.options import BATCH_CONNECTIONS, BATCH_ROWS, CONNECTIONS
from housing_price_bench.prices.case import Kind, Subject, Trial
from housing_price_bench.requests.bodies import Bodies
from housing_price_bench.requests.houses import REFUSED_SHARE
from housing_price_bench.servers.commands import Servers

_PREDICT = "/api/v1/price/predict"
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Trials:
    """Makes the trials of a run."""

    servers: Servers
    bodies: Bodies

    def make_single(self, subject: Subject, connections: int, seconds: float, processes: Sequence[Process]) -> Trial:
        """Make a trial that prices the example house, over and over."""
        load = self._make_load(self._choose_url(subject), self._choose_body(subject), connections, seconds)
        return Trial(subject=subject, kind="single", load=load, processes=processes)

    def make_batch(self, subject: Subject, seconds: float, processes: Sequence[Process]) -> Trial:
        """Make a trial that prices 1,000 different houses in each request."""
        url = self._api_url(f"{_PREDICT}/batch") if subject == "a" else self._choose_url(subject)
        body = self.bodies.batch if subject == "a" else self.bodies.rows
        load = self._make_load(url, body, BATCH_CONNECTIONS, seconds)
        return Trial(subject=subject, kind="batch", load=load, processes=processes, rows=BATCH_ROWS)

    def make_mix(self, seconds: float, processes: Sequence[Process]) -> Trial:
        """Make a trial with many different houses, some of which must be refused."""
        load = Load(
            url=self._api_url(_PREDICT),
            bodies=self.bodies.mix,
            connections=CONNECTIONS[-1],
            seconds=seconds,
            counts_statuses=True,
        )
        return Trial(subject="a", kind="mix", load=load, processes=processes, refused_share=REFUSED_SHARE)

    def make_probes(self, seconds: float, processes: Sequence[Process]) -> list[Trial]:
        """Make trials of what must stay quick while batches run: one request at a time, with pauses."""
        probes: list[tuple[Subject, Kind, str, Path | None]] = [
            ("a", "price meanwhile", self._api_url(_PREDICT), self.bodies.house),
            ("a", "health meanwhile", self._api_url("/health"), None),
            ("d", "ping meanwhile", f"{self.servers.url('model')}/ping", None),
        ]
        return [
            Trial(
                subject=subject,
                kind=kind,
                processes=processes,
                load=Load(url=url, bodies=bodies, connections=1, seconds=seconds, pause_seconds=_PAUSE_SECONDS),
            )
            for subject, kind, url, bodies in probes
        ]

    def _choose_url(self, subject: Subject) -> str:
        if subject in ("a", "e"):
            return self._api_url(_PREDICT)
        if subject == "c":
            return f"{self.servers.url('echo')}/predict"
        return f"{self.servers.url('model' if subject == 'd' else 'stock')}/invocations"

    def _choose_body(self, subject: Subject) -> Path:
        return self.bodies.house if subject in ("a", "c", "e") else self.bodies.row

    def _api_url(self, path: str) -> str:
        return f"{self.servers.url('orchestrator')}{path}"

    def _make_load(self, url: str, bodies: Path, connections: int, seconds: float) -> Load:
        return Load(url=url, bodies=bodies, connections=connections, seconds=seconds)
