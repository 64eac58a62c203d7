"""What people see of a training: the pictures, and the progress on a terminal and in a log."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

from housing_price_model.data import Sales
from housing_price_model.evaluation.plots import draw_figures, save_figures
from housing_price_model.progress import progress_on
from housing_price_model.training.train import TrainedModel
from rich.console import Console

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_each_picture_has_a_title_and_a_labelled_axis(
    few_sales: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]
) -> None:
    drawn = draw_figures(quickly_trained("default", few_sales).evaluation)

    assert set(drawn) == {"predicted_against_actual", "residuals", "importances"}
    for figure in drawn.values():
        (axes,) = figure.axes
        assert axes.get_title()
        assert axes.get_xlabel()


def test_a_point_is_drawn_for_each_sale(
    few_sales: Sales, quickly_trained: Callable[[str, Sales], TrainedModel]
) -> None:
    (axes,) = draw_figures(quickly_trained("default", few_sales).evaluation)["predicted_against_actual"].axes

    assert len(axes.collections[0].get_offsets()) == len(few_sales)  # type: ignore[arg-type] # its type is too wide


def test_pictures_are_written_as_png(
    few_sales: Sales, quickly_trained: Callable[[str, Sales], TrainedModel], tmp_path: Path
) -> None:
    save_figures(quickly_trained("default", few_sales).evaluation, tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {
        "predicted_against_actual.png",
        "residuals.png",
        "importances.png",
    }
    assert all(path.read_bytes().startswith(PNG_SIGNATURE) for path in tmp_path.iterdir())


def test_a_log_gets_one_plain_line_a_step() -> None:
    log = StringIO()

    with progress_on(Console(file=log), steps=2) as progress:
        progress.step("fold 1 of 2")
        progress.step("fold 2 of 2")

    assert log.getvalue() == "fold 1 of 2\nfold 2 of 2\n"


def test_a_terminal_gets_a_bar_with_the_step_beside_it() -> None:
    terminal = StringIO()

    with progress_on(Console(file=terminal, force_terminal=True), steps=2) as progress:
        progress.step("fold 1 of 2")

    assert "fold 1 of 2" in terminal.getvalue()
    assert "\x1b[" in terminal.getvalue()
