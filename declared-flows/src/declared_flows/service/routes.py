"""Finds the flow of a request: addresses are patterns, and the most exact one wins."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from declared_flows.planning.addresses import HOLE
from declared_flows.planning.plan import FlowPlan


@dataclass(frozen=True)
class RoutedFlow:
    """A flow with its address.

    Args:
        plan: the flow.
    """

    plan: FlowPlan

    @property
    def path(self) -> str:
        """The template of its address."""
        return self.plan.route.path

    @cached_property
    def _form(self) -> re.Pattern[str]:
        parts = HOLE.split(self.path)
        return re.compile("([^/]+)".join(map(re.escape, parts)))

    @cached_property
    def _names(self) -> list[str]:
        return [hole[1:-1] for hole in HOLE.findall(self.path)]

    def match(self, raw_path: str) -> Mapping[str, str] | None:
        """Return the value of each parameter in a path, decoded; None if the path is another."""
        found = self._form.fullmatch(raw_path)
        try:
            values = [unquote(part, errors="strict") for part in found.groups()] if found else None
        except UnicodeDecodeError:  # no text has this address
            return None
        return None if values is None else dict(zip(self._names, values, strict=True))


class RouteTable:
    """Finds flows by method and path.

    Args:
        plans: the flows.
    """

    def __init__(self, plans: Iterable[FlowPlan]) -> None:
        routed = [RoutedFlow(plan) for plan in plans]
        self._exact: dict[tuple[str, str], RoutedFlow] = {
            (flow.plan.route.method, flow.path): flow for flow in routed if "{" not in flow.path
        }
        self._open: dict[int, list[RoutedFlow]] = {}
        for flow in sorted(routed, key=lambda flow: HOLE.sub("\x7f", flow.path)):
            if "{" in flow.path:
                self._open.setdefault(flow.path.count("/"), []).append(flow)

    def find(self, method: str, raw_path: str) -> tuple[RoutedFlow, Mapping[str, str]] | None:
        """Return the flow of a request and the values of its parameters; None if there is none."""
        if flow := self._exact.get((method, raw_path)):
            return flow, {}
        for flow in self._open.get(raw_path.count("/"), ()):
            if flow.plan.route.method == method and (values := flow.match(raw_path)) is not None:
                return flow, values
        return None

    def methods(self, raw_path: str) -> list[str]:
        """Return the methods that an address supports."""
        exact = {method for method, path in self._exact if path == raw_path}
        alike = self._open.get(raw_path.count("/"), ())
        return sorted(exact | {flow.plan.route.method for flow in alike if flow.match(raw_path) is not None})
