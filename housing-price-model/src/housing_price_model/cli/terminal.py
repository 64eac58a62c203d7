"""What every command of the model does around its work: prepare the process, and report what people can fix."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import command_line.failures

from housing_price_model.errors import ModelError
from housing_price_model.process_environment import prepare_environment


@contextmanager
def report_errors() -> Iterator[None]:
    """Turn an error into one line and exit code 1, and an interruption into 130. SIGTERM counts as an interruption."""
    prepare_environment()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with command_line.failures.report_errors(ModelError):
            yield
    except KeyboardInterrupt:
        command_line.failures.stop("interrupted", exit_code=command_line.failures.INTERRUPTED)
