"""Request bodies in files."""

import json
from pathlib import Path

from housing_price_bench.requests.bodies import write_bodies


def test_each_body_is_one_line_of_json(tmp_path: Path) -> None:
    bodies = write_bodies(tmp_path)

    lines = {name: file.read_text().splitlines() for name, file in vars(bodies).items()}
    counts = {name: len(of_file) for name, of_file in lines.items()}
    assert counts == {"house": 1, "row": 1, "batch": 1, "rows": 1, "mix": 400}
    assert len(json.loads(lines["batch"][0])["data"]) == 1000
    assert len(json.loads(lines["rows"][0])["dataframe_split"]["data"]) == 1000
