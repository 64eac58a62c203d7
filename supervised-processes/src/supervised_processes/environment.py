"""The environment of our processes: the user's, without variables that would change where they connect."""

from collections.abc import Mapping

from host_environment.loopback import bypass_proxies
from host_environment.service_links import drop_service_links, find_service_links

_DROPPED = {
    "PORT",  # must not beat --port
    "PYTHONDONTWRITEBYTECODE",  # every start would compile MLflow again, three times as slow
    "WEB_CONCURRENCY",  # uvicorn would start that many workers
}
_MLFLOW = ("MLFLOW_", "_MLFLOW_")


def make_child_environment(of_user: Mapping[str, str], **changes: str) -> dict[str, str]:
    """Make the environment of one of our processes from the user's, with `changes`.

    It drops MLflow's variables, which name the user's own server, registry and stores, and uses no proxy on loopback.
    """
    kept = {name: value for name, value in of_user.items() if name not in _DROPPED and not name.startswith(_MLFLOW)}
    drop_service_links(kept)
    bypass_proxies(kept)
    return kept | {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # We read it as UTF-8, whatever the terminal of the user shows.
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONUNBUFFERED": "1",
        **changes,
    }


def list_ignored_variables(of_user: Mapping[str, str]) -> list[str]:
    """List MLflow's variables that the user has set and our processes do not get."""
    links = find_service_links(of_user)
    return sorted(name for name in of_user if name.startswith(_MLFLOW) and name not in links)
