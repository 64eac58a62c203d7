"""What every program changes in its environment before its options read their variables."""

import os
from collections.abc import MutableMapping

from host_environment.loopback import bypass_proxies
from host_environment.service_links import drop_service_links

from command_line.failures import say


def prepare_environment(program: str, environment: MutableMapping[str, str] = os.environ) -> None:
    """Keep proxies away from loopback, and drop what Kubernetes wrote for services of our names, with one line."""
    bypass_proxies(environment)
    if line := drop_service_links(environment):
        say(f"{program}: {line}")
