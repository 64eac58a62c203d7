"""Stands in for training and for the model server."""

import signal
import sys

from stand_in import introduce, say, serve

MODEL = {
    "name": "housing-price",
    "version": "3",
    "alias": "champion",
    "recipe": "default",
    "data": {"source": "sample", "sha256": "0123456789abcdef", "rows": 1460, "generated": True},
}


def train() -> None:
    behaviour = introduce("training")
    say("training on 1,460 sales")
    if behaviour == "fails":
        sys.exit("the file has no column SalePrice")
    if behaviour == "takes long":
        signal.pause()


if sys.argv[1] == "train":
    train()
else:
    serve("model", {"/ping": {}, "/model": MODEL})
