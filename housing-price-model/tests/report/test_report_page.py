"""The page: that it loads nothing, says what was computed, and takes any text for text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from housing_price_model.evaluation.accuracy import estimate_metrics
from housing_price_model.evaluation.bootstrap import Estimate
from housing_price_model.evaluation.metrics import measure
from housing_price_model.evaluation.priced_sales import PricedSales
from housing_price_model.evaluation.segments import measure_segments, split_by_year_sold
from housing_price_model.report import wording
from housing_price_model.report.evidence import Evidence, Opponent
from housing_price_model.report.page import render_page

type Described = Callable[..., Evidence]

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """What a browser would see: attributes, and the texts of the cells of each section."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str, str]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.texts: dict[str, str] = {}
        self.tags: list[str] = []
        self._open: list[str] = []
        self._section = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]
        if tag in ("section", "header"):
            self._section = given.get("id") or tag
        if tag == "tr":
            self.tables.setdefault(self._section, []).append([])
        if tag in ("td", "th"):
            self.tables[self._section][-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"{tag} is closed out of order"

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attributes]

    def handle_data(self, text: str) -> None:
        text = text.replace("\N{NO-BREAK SPACE}", " ")
        self.texts[self._section] = self.texts.get(self._section, "") + text
        if "td" in self._open or "th" in self._open:
            self.tables[self._section][-1][-1] += text

    def row(self, section: str, *start: str) -> list[str]:
        [found] = [row for row in self.tables[section] if tuple(row[: len(start)]) == start]
        return found

    @property
    def is_complete(self) -> bool:
        return not self._open


@pytest.fixture(scope="module")
def full(evidence: Described, champion: Opponent) -> Evidence:
    return evidence(opponent=champion)


@pytest.fixture(scope="module")
def text(full: Evidence) -> str:
    return render_page(full)


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def addresses(page: Page, text: str) -> Iterator[str]:
    for _, name, value in page.attributes:
        if name.rpartition(":")[2] in ("src", "href", "srcset", "action", "poster", "data", "background"):
            yield value
    yield from re.findall(r"url\(([^)]*)\)", text)


def test_the_page_refers_to_nothing_outside_of_itself(page: Page, text: str) -> None:
    found = list(addresses(page, text))

    assert found, "the plots refer to their own parts"
    assert [address for address in found if not address.strip("'\"").startswith(("#", "data:"))] == []
    assert "@import" not in text
    assert not {"script", "link", "iframe", "object", "embed", "base", "form"} & set(page.tags)


def test_the_browser_is_told_to_load_nothing(page: Page) -> None:
    [policy] = [value for tag, name, value in page.attributes if (tag, name) == ("meta", "content") and "src" in value]

    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def test_every_element_is_closed(page: Page) -> None:
    assert page.is_complete


def test_the_same_evidence_gives_the_same_page(full: Evidence, text: str) -> None:
    assert render_page(full) == text


def test_no_stand_in_for_a_colour_is_left(text: str) -> None:
    assert not re.search(r"#0[1-4]0[1-4]0[1-4]", text)
    assert text.count("<svg role=") == 7


def test_the_headline_says_how_good_it_is_and_than_whom(page: Page, full: Evidence) -> None:
    found = measure(full.sales.actual, full.sales.predicted)

    said = page.texts["header"]

    assert f"{found.within_10_percent:.1%}".replace("%", " %") + " of its prices are within 10 %" in said
    assert f"its RMSLE is {found.rmsle:.4f}" in said
    assert f"its 90 % intervals hold {100 * full.sales.covered(0.9).mean():.1f} % of the prices" in said
    assert re.search(r"better than the champion \(version 2\) by 0\.\d{4}, beyond noise\.", said)


def test_metrics_are_over_all_sales(page: Page, full: Evidence) -> None:
    found = measure(full.sales.actual, full.sales.predicted)
    rows = {row[0]: row[1] for row in page.tables["accuracy"]}

    assert rows == {
        "metric": "value",
        "RMSLE": f"{found.rmsle:.4f}",
        "mean absolute error": f"${found.mae:,.0f}",
        "mean absolute percentage error": f"{100 * found.mape:.1f} %",
        "absolute error as a share of what was paid (wMAPE)": f"{100 * found.wmape:.1f} %",
        "within 10 % of the price paid": f"{100 * found.within_10_percent:.1f} %",
        "R²": f"{found.r2:.4f}",
    }


def test_the_score_without_what_is_unknown_stands_beside_the_other(page: Page, full: Evidence) -> None:
    complete = measure(full.sales.actual, full.fold_prices.complete).rmsle
    without = measure(full.sales.actual, full.fold_prices.without).rmsle

    row = page.row("without", "RMSLE")

    assert (row[1], row[2]) == (f"{complete:.4f}", f"{without:.4f}")
    assert row[4] == f"{without - complete:+.4f}".replace("-", wording.MINUS)
    assert "saleType, saleCondition, moSold, yrSold are null" in re.sub(r"\s+", " ", page.texts["without"])


def test_a_recipe_that_has_changed_since_is_told(evidence: Described) -> None:
    old = evidence()
    changed = replace(old, fold_prices=replace(old.fold_prices, complete=old.sales.predicted * 1.001))

    assert "prices otherwise than when this version was trained" in render_page(changed)
    assert "prices otherwise than when this version was trained" not in render_page(old)


def test_the_champion_is_compared_with_sale_by_sale(page: Page, full: Evidence) -> None:
    assert full.opponent is not None
    ours = measure(full.sales.actual, full.sales.predicted).rmsle
    theirs = measure(full.sales.actual, full.opponent.predicted).rmsle

    row = page.row("comparison", "RMSLE")

    assert row[1:3] == [f"{ours:.4f}", f"{theirs:.4f}"]
    assert row[3] == f"{wording.MINUS}{theirs - ours:.4f}"
    assert "passed" in page.texts["comparison"]


def test_without_an_opponent_the_page_says_so(evidence: Described) -> None:
    assert "There was no champion to compare with." in render_page(evidence())
    assert "This is the champion" in render_page(evidence(is_champion=True))


def test_segments_are_told_with_coverage_and_width(page: Page, full: Evidence) -> None:
    for year in measure_segments(full.sales, split_by_year_sold(full.sales)):
        row = page.row("segments", year.name)
        assert year.coverage is not None
        assert row[1:3] == [str(year.count), f"{year.rmsle.value:.4f}"]
        assert row[6] == f"{100 * year.coverage.value:.1f} %"
        assert row[8] == f"{100 * (year.width or 0):.1f} %"


def test_marked_and_other_houses_are_segments(evidence: Described, full: Evidence) -> None:
    marked = np.arange(len(full.sales)) < 40

    page = Page(render_page(evidence(sales=replace(full.sales, marked=marked))))

    assert page.row("segments", "marked")[1] == "40"
    assert page.row("segments", "not marked")[1] == "110"


def test_without_marks_there_are_no_segments_of_them(page: Page) -> None:
    assert "By mark" not in page.texts["segments"]


def test_few_fields_stand_beside_all_fields(evidence: Described, full: Evidence) -> None:
    few = {
        "cv_required_rmsle": 0.2061,
        "cv_required_bias": 0.012,
        "cv_required_coverage_90": 0.91,
        "cv_required_interval_width_90": 0.7,
        "cv_rmsle": 0.1,
    }

    page = Page(render_page(evidence(few_fields=few)))

    found = measure(full.sales.actual, full.sales.predicted)
    assert page.row("few-fields", "RMSLE")[1:] == [f"{found.rmsle:.4f}", "0.2061"]
    assert page.row("few-fields", "bias")[2] == "+1.2 %"
    assert page.row("few-fields", "coverage of the 90 % intervals")[1:] == [
        f"{100 * full.sales.covered(0.9).mean():.1f} %",
        "91.0 %",
    ]
    assert page.row("few-fields", "mean width of the 90 % intervals")[2] == "70.0 %"
    assert len(page.tables["few-fields"]) == 5
    assert "no more than lotArea, neighborhood" in re.sub(r"\s+", " ", page.texts["few-fields"])


def test_without_figures_of_few_fields_nothing_is_said_of_them(page: Page) -> None:
    assert "few-fields" not in page.texts


def test_coverage_is_told_with_the_score(page: Page, full: Evidence) -> None:
    assert page.row("calibration", "all sales", "90 %")[-1] == f"{100 * full.sales.interval_score(0.9):.1f} %"


def test_a_group_whose_intervals_hold_too_little_is_named(evidence: Described, full: Evidence) -> None:
    short = full.sales.frame["YearBuilt"].rank(method="first").to_numpy() <= 40
    names = pd.Series(["Edwards" if few else "NAmes" for few in short], dtype="str")
    interval = full.sales.intervals[0.9]
    lower = np.where(short, full.sales.actual * 1.01, full.sales.actual * 0.9)
    sales = replace(
        full.sales,
        frame=full.sales.frame.assign(Neighborhood=names),
        intervals={0.9: replace(interval, lower=lower, upper=full.sales.actual * 1.5)},
    )

    row = Page(render_page(evidence(sales=sales))).row("calibration", "Edwards")

    assert row[1:5] == ["neighbourhood", "40", "90 %", "0.0 %"]


def test_no_group_is_named_where_intervals_hold_everything(evidence: Described, full: Evidence) -> None:
    everything = replace(full.sales.intervals[0.9], lower=full.sales.actual * 0.9, upper=full.sales.actual * 1.1)

    text = render_page(evidence(sales=replace(full.sales, intervals={0.9: everything})))

    assert "None falls short." in text


def test_a_small_segment_is_grey_without_an_interval(evidence: Described, full: Evidence) -> None:
    names = ["NAmes"] * 145 + ["Veenker"] * 5
    sales = replace(full.sales, frame=full.sales.frame.assign(Neighborhood=pd.Series(names, dtype="str")))

    text = render_page(evidence(sales=sales))

    assert Page(text).row("segments", "1 small neighbourhood")[3] == "few sales"
    assert '<tr class="few"><td>1 small neighbourhood' in text


def test_the_worst_sale_comes_first(page: Page, full: Evidence) -> None:
    worst = int(full.sales.squared_log_errors.argmax())

    first = page.tables["outliers"][1]

    assert first[0] == str(full.sales.ids[worst])
    assert first[2:4] == [f"${full.sales.actual[worst]:,.0f}", f"${full.sales.predicted[worst]:,.0f}"]
    assert len(page.tables["outliers"]) == 11


def test_what_was_measured_is_told(page: Page) -> None:
    assert page.row("monotonicity", "living area") == ["living area", "150", "3", "2.0 %"]
    assert "failed" in page.texts["monotonicity"]
    assert page.row("cost", "latency of 1 row") == ["latency of 1 row", "0.42 ms", "at most 1 ms"]
    assert page.row("cost", "size of the artefact")[1] == "3.2 MB"


def test_without_intervals_nothing_is_said_of_coverage(evidence: Described, priced: Callable[..., PricedSales]) -> None:
    page = Page(render_page(evidence(sales=priced(intervals=False))))

    assert "no prediction intervals" in page.texts["calibration"]
    assert "coverage" not in page.row("segments", "year sold")


def test_hostile_texts_stay_texts(evidence: Described) -> None:
    known = evidence()
    hostile = "<script>alert(1)</script>\"'&"
    data = known.manifest.data.model_copy(update={"source": hostile})
    manifest = known.manifest.model_copy(update={"data": data, "recipe": hostile, "git_commit": "<b>"})

    page = Page(render_page(replace(known, manifest=manifest, source=hostile)))

    assert not {"script", "b"} & set(page.tags)
    assert hostile in page.texts["header"]
    assert hostile in page.texts["card"]


def test_generated_sales_and_a_new_evaluation_are_warned_of(evidence: Described) -> None:
    text = render_page(evidence(is_generated=True, is_evaluated_again=True))

    assert "GENERATED" in text
    assert "evaluated on them just now" in text


@pytest.mark.parametrize(
    ("words", "value", "said"),
    [
        (wording.percent, -0.0004, "0.0 %"),
        (wording.signed(wording.percent), 0.0004, "0.0 %"),
        (wording.signed(wording.percent), 0.05, "+5.0 %"),
        (wording.signed(wording.dollars), -1234.5, f"{wording.MINUS}$1,234"),
        (wording.round_percent, 0.95, "95 %"),
        (wording.points, 0.012, "1.2 points"),
        (wording.ratio, -0.01, f"{wording.MINUS}0.0100"),
    ],
)
def test_numbers_are_written_for_people(words: Callable[[float], str], value: float, said: str) -> None:
    assert words(value).replace("\N{NO-BREAK SPACE}", " ") == said


def test_a_difference_that_may_be_noise_is_not_called_better(evidence: Described, champion: Opponent) -> None:
    known = evidence()
    same = replace(champion, predicted=known.sales.predicted, is_champion=False)

    said = wording.verdict(
        replace(known, opponent=same), estimate_metrics(known.sales), {"rmsle": wording_of_nothing()}, []
    )

    assert said.endswith("no difference from version 2 beyond noise.")


def wording_of_nothing() -> Estimate:
    return Estimate(0.0, -0.01, 0.01)
