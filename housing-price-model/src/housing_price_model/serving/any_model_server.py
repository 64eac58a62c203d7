"""Serves any model in MLflow's protocol: `python -m housing_price_model.serving.any_model_server PATH --fd N`.

Another process starts this one, with a bound socket and a pipe as standard input whose other end only the starter
holds. The kernel closes the pipe when the starter ends, even by SIGKILL, and then this process ends.
"""

import argparse
import os
import socket
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from housing_price_model.errors import ServingError
from housing_price_model.process_environment import prepare_environment


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until stopped. Returns 1 if there is no model, with one line that says why."""
    parser = argparse.ArgumentParser(prog="any_model_server")
    parser.add_argument("path", type=Path)
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--method", choices=("predict", "predict_proba"), default="predict")
    asked = parser.parse_args(arguments)
    threading.Thread(target=_end_with_starter, daemon=True).start()
    prepare_environment()
    from housing_price_model.serving import any_model, server

    try:
        model = any_model.load_from_path(asked.path, asked.method)
    except ServingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    from mlflow.pyfunc import scoring_server

    with socket.socket(fileno=asked.fd) as bound:
        server.run(scoring_server.init(model.pyfunc), bound)
    return 0


def _end_with_starter() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
