"""The mode `embedded`: the same port, with the model inside the process."""

import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from house_record import AMES, COLUMNS, Value, example_house, model_row
from housing_price_orchestrator.domain import NO_REQUEST, ModelDetails, ModelIdentity, ModelRequest, Params
from housing_price_orchestrator.errors import EmbeddedModelUnavailable
from housing_price_orchestrator.provider.model.embedded import (
    EmbeddedModel,
    load_embedded_model,
)
from housing_price_orchestrator.settings import PricingModelSettings
from upstream_resilience.errors import BadUpstreamAnswer

ROW = model_row(example_house())
DETAILS = ModelDetails(ModelIdentity("housing-price", "3"))


async def test_it_prices_rows_with_its_identity_and_timing() -> None:
    async with EmbeddedModel(lambda columns, rows, params: [float(len(columns))] * len(rows), DETAILS) as model:
        answer = await model.predict(ModelRequest(COLUMNS, [ROW, ROW]))

        assert answer.outputs == [len(COLUMNS)] * 2
        assert answer.model == DETAILS.identity == (await model.details(NO_REQUEST)).identity
        assert answer.timing.model_seconds is not None
        assert answer.timing.upstream_seconds >= answer.timing.model_seconds


async def test_it_computes_beside_the_event_loop() -> None:
    threads: list[str] = []

    def price(columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params) -> list[float]:
        threads.append(threading.current_thread().name)
        return [1.0]

    async with EmbeddedModel(price, DETAILS) as model:
        await model.predict(ModelRequest(COLUMNS, [ROW]))

    assert threads
    assert threads[0] != threading.main_thread().name


async def test_rows_that_the_model_rejects_are_a_bad_answer() -> None:
    def refuse(columns: Sequence[str], rows: Sequence[Sequence[Value]], params: Params) -> list[float]:
        raise ValueError("row 0, column LotArea: a text is not a finite number or null")

    async with EmbeddedModel(refuse, DETAILS) as model:
        with pytest.raises(BadUpstreamAnswer):
            await model.predict(ModelRequest(COLUMNS, [ROW]))


def test_a_model_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    settings = PricingModelSettings(mode="embedded", model_uri=str(tmp_path / "nowhere"))

    with pytest.raises(EmbeddedModelUnavailable, match="is not a folder") as caught:
        load_embedded_model(settings, AMES)

    assert "\n" not in str(caught.value)


def test_without_the_extra_the_line_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "housing_price_model.process_environment", None)

    with pytest.raises(EmbeddedModelUnavailable, match=r"housing-price-orchestrator\[embedded\]"):
        load_embedded_model(PricingModelSettings(mode="embedded"), AMES)
