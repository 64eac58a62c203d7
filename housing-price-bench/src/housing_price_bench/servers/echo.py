"""`python -m housing_price_bench.servers.echo PORT`: the least that a service of this kind can do.

It validates a house and returns a constant price. No service that does more can be faster in this framework. Like the
orchestrator it uses uvicorn with the same options, uvloop and httptools, and freezes the garbage
collector at its start. Unlike the orchestrator it does not limit the head of a request.
"""

import gc
import sys

import uvicorn
from fastapi import FastAPI
from house_record import House
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

_PRICE = 128528.33


class EchoedPrice(BaseModel):
    """The id of the house, and a price."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    id: int
    predicted_price: float


app = FastAPI(openapi_url=None)


@app.post("/predict")
async def predict(house: House) -> EchoedPrice:
    """Return the constant price of a valid house."""
    return EchoedPrice(id=house.id, predicted_price=_PRICE)


@app.get("/health")
async def health() -> dict[str, str]:
    """Return 200."""
    return {"status": "ok"}


def main() -> None:
    """Serve on the port of the command line until a signal stops it."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            host="127.0.0.1",
            port=int(sys.argv[1]),
            loop="uvloop",
            http="httptools",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
        )
    )
    gc.collect()
    gc.freeze()
    server.run()


if __name__ == "__main__":
    main()
