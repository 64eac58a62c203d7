"""Files that commands write for people: refused before the work, not after it."""

from pathlib import Path

from housing_price_model.errors import ReportError


def require_writable(path: Path, option: str) -> None:
    """Refuse a file that can't be written.

    Raises:
        ReportError: if it is a folder, or in none.
    """
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ReportError(f"{path} can't be written: name a file in an existing folder with {option}")


def write_text(text: str, path: Path) -> None:
    """Write a text as UTF-8.

    Raises:
        ReportError: if the file can't be written.
    """
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ReportError(f"{path} can't be written: {error.strerror or error}") from error
