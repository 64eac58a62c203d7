"""`python -m housing_price_bench.programmable_model`: runs the server as a process, which tests kill and restart."""

import argparse
from contextlib import suppress

import uvloop

from housing_price_bench.programmable_model.behaviour import Behaviour
from housing_price_bench.programmable_model.server import ProgrammableModel


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m housing_price_bench.programmable_model", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on loopback; 0 for any free port")
    parser.add_argument("--seconds-a-call", type=float, default=0.0, help="how long a call takes")
    parser.add_argument("--at-once", type=int, default=1, help="calls computed at the same time")
    parser.add_argument("--model-version", default="3", help="version of the model; empty for none")
    parser.add_argument("--records", action="store_true", help="return records, not only numbers")
    parser.add_argument(
        "--behaviour", type=Behaviour.model_validate_json, default="{}", help='JSON such as {"kind": "stall"}'
    )
    return parser.parse_args()


async def _serve(options: argparse.Namespace) -> None:
    model = ProgrammableModel(
        port=options.port,
        version=options.model_version or None,
        gives_records=options.records,
        seconds_a_call=options.seconds_a_call,
        at_once=options.at_once,
        behaviour=options.behaviour,
    )
    async with model:
        print(model.url, flush=True)  # noqa: T201  the starter reads the address
        await model.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        uvloop.run(_serve(_parse_options()))
