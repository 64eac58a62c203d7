"""The environment of our processes."""

from service_links import links_of
from supervised_processes.environment import list_ignored_variables, make_child_environment


def test_loopback_needs_no_proxy_of_the_user() -> None:
    environment = make_child_environment({"HTTP_PROXY": "http://proxy.example", "no_proxy": "intern.example"})

    direct = environment["NO_PROXY"].split(",")
    assert environment["NO_PROXY"] == environment["no_proxy"]
    assert {"intern.example", "localhost", "localhost.", "127.0.0.0/8", "::1"} <= set(direct)
    assert environment["HTTP_PROXY"] == "http://proxy.example"


def test_variables_of_mlflow_are_dropped_and_listed() -> None:
    of_user = {"MLFLOW_REGISTRY_URI": "x", "_MLFLOW_SERVER_FILE_STORE": "y", "HOME": "/home/alice"}

    assert list_ignored_variables(of_user) == ["MLFLOW_REGISTRY_URI", "_MLFLOW_SERVER_FILE_STORE"]
    assert not of_user.keys() & make_child_environment(of_user).keys() - {"HOME"}


def test_a_change_wins_over_the_variable_of_the_user() -> None:
    assert make_child_environment({"OMP_NUM_THREADS": "8"}, OMP_NUM_THREADS="1")["OMP_NUM_THREADS"] == "1"


def test_our_processes_write_utf8_whatever_the_terminal_shows() -> None:
    environment = make_child_environment({"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})

    assert environment["PYTHONIOENCODING"] == "utf-8:backslashreplace"


def test_processes_get_no_variables_that_kubernetes_wrote() -> None:
    links = links_of("ORCHESTRATOR") | links_of("HOUSING_PRICE_MODEL") | links_of("MLFLOW")

    environment = make_child_environment(links | {"ORCHESTRATOR_PORT": "8001"} | links_of("REDIS"))

    assert not environment.keys() & (links.keys() - {"ORCHESTRATOR_PORT"})
    assert environment["ORCHESTRATOR_PORT"] == "8001"
    assert environment["REDIS_PORT"] == "tcp://10.0.0.1:8000"
    assert list_ignored_variables(links | {"MLFLOW_TRACKING_URI": "x"}) == ["MLFLOW_TRACKING_URI"]
