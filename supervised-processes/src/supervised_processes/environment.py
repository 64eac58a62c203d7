"""The environment of the processes: the user's, without what would lead them elsewhere."""

from collections.abc import Mapping

_DROPPED = {
    "PORT",  # must not beat --port
    "PYTHONDONTWRITEBYTECODE",  # every start would compile MLflow again: three times as slow
    "WEB_CONCURRENCY",  # uvicorn would start that many workers
}
_MLFLOW = ("MLFLOW_", "_MLFLOW_")


def child_environment(of_user: Mapping[str, str], **changes: str) -> dict[str, str]:
    """The user's environment for a process of ours, with some variables changed.

    MLflow's variables go: they name the user's own server, registry and stores. No proxy on loopback.
    """
    kept = {name: value for name, value in of_user.items() if name not in _DROPPED and not name.startswith(_MLFLOW)}
    direct = ",".join(filter(None, [kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1", "localhost", "::1"]))
    return kept | {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "NO_PROXY": direct,
        "PYTHONUNBUFFERED": "1",
        "no_proxy": direct,
        **changes,
    }


def ignored_variables(of_user: Mapping[str, str]) -> list[str]:
    """The names of MLflow's variables that the user has set and `up` does not use."""
    return sorted(name for name in of_user if name.startswith(_MLFLOW))
