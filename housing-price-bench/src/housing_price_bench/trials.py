"""What is asked of each subject."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from supervised_processes.process import Process

from housing_price_bench.bodies import Bodies
from housing_price_bench.case import Kind, Subject, Trial
from housing_price_bench.houses import REFUSED_SHARE
from housing_price_bench.load import Load
from housing_price_bench.options import BATCH_CONNECTIONS, BATCH_ROWS, CONNECTIONS
from housing_price_bench.servers import Servers

_PREDICT = "/api/v1/price/predict"
_BETWEEN_LOOKS_SECONDS = 0.02


@dataclass(frozen=True, kw_only=True)
class Trials:
    """The trials of a run, each of a length that the caller knows."""

    servers: Servers
    bodies: Bodies

    def single(self, subject: Subject, connections: int, seconds: float, processes: Sequence[Process]) -> Trial:
        """The example house, over and over."""
        load = self._load(self._single_url(subject), self._single_body(subject), connections, seconds)
        return Trial(subject=subject, kind="single", load=load, processes=processes)

    def batch(self, subject: Subject, seconds: float, processes: Sequence[Process]) -> Trial:
        """1,000 different houses in one request."""
        url = self._orchestrator(f"{_PREDICT}/batch") if subject == "a" else self._single_url(subject)
        body = self.bodies.batch if subject == "a" else self.bodies.rows
        load = self._load(url, body, BATCH_CONNECTIONS, seconds)
        return Trial(subject=subject, kind="batch", load=load, processes=processes, rows=BATCH_ROWS)

    def mix(self, seconds: float, processes: Sequence[Process]) -> Trial:
        """Many different houses, some of which must be refused."""
        load = Load(
            url=self._orchestrator(_PREDICT),
            bodies=self.bodies.mix,
            connections=CONNECTIONS[-1],
            seconds=seconds,
            counts_statuses=True,
        )
        return Trial(subject="a", kind="mix", load=load, processes=processes, refused_share=REFUSED_SHARE)

    def meanwhile(self, seconds: float, processes: Sequence[Process]) -> list[Trial]:
        """What must be answered quickly while batches run: one question at a time, with pauses."""
        asked: list[tuple[Subject, Kind, str, Path | None]] = [
            ("a", "price meanwhile", self._orchestrator(_PREDICT), self.bodies.house),
            ("a", "health meanwhile", self._orchestrator("/health"), None),
            ("d", "ping meanwhile", f"{self.servers.url('model')}/ping", None),
        ]
        return [
            Trial(
                subject=subject,
                kind=kind,
                processes=processes,
                load=Load(url=url, bodies=bodies, connections=1, seconds=seconds, pause_seconds=_BETWEEN_LOOKS_SECONDS),
            )
            for subject, kind, url, bodies in asked
        ]

    def _single_url(self, subject: Subject) -> str:
        if subject in ("a", "e"):
            return self._orchestrator(_PREDICT)
        if subject == "c":
            return f"{self.servers.url('echo')}/predict"
        return f"{self.servers.url('model' if subject == 'd' else 'stock')}/invocations"

    def _single_body(self, subject: Subject) -> Path:
        return self.bodies.house if subject in ("a", "c", "e") else self.bodies.row

    def _orchestrator(self, path: str) -> str:
        return f"{self.servers.url('orchestrator')}{path}"

    def _load(self, url: str, bodies: Path, connections: int, seconds: float) -> Load:
        return Load(url=url, bodies=bodies, connections=connections, seconds=seconds)
