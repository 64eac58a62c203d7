"""What a run of `--flows` measured, and the bounds that it must keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from housing_price_bench.generators.load import Outcome
from housing_price_bench.options import CONNECTIONS
from housing_price_bench.report.bound import Bound
from housing_price_bench.servers.commands import SLOW_SOURCE_SECONDS

_LEAST_SHARE = 0.85
_MOST_FOUR_MS = 65.0


@dataclass(frozen=True, kw_only=True)
class FlowResults:
    """Rounds of prices directly and through a flow, by connections; and one round of a flow over four sources."""

    direct: Mapping[int, list[Outcome]]
    through_flow: Mapping[int, list[Outcome]]
    four: Outcome

    @property
    def errors(self) -> int:
        """Requests that failed."""
        rounds = [*self.direct.values(), *self.through_flow.values()]
        return sum(outcome.failures for each in rounds for outcome in each) + self.four.failures

    def compute_share(self, connections: int) -> float | None:
        """Return the throughput of the flow over that of the route: the median over pairs of rounds."""
        pairs = zip(self.through_flow[connections], self.direct[connections], strict=True)
        shares = [flow.good / flow.seconds / (route.good / route.seconds) for flow, route in pairs if route.good]
        return median(shares) if shares else None

    def list_bounds(self) -> list[Bound]:
        """List the bounds of a run."""
        most = CONNECTIONS[-1]
        return [
            Bound(what="failed requests", value=self.errors, limit=0, is_most=True),
            Bound(
                what=f"{most} connections, requests a second, flow / route",
                value=self.compute_share(most),
                limit=_LEAST_SHARE,
                is_most=False,
            ),
            Bound(
                what=f"four sources of {SLOW_SOURCE_SECONDS * 1000:g} ms, p50",
                value=self.four.p50_ms,
                limit=_MOST_FOUR_MS,
                is_most=True,
                unit=" ms",
            ),
        ]
