"""The ``svg`` element itself: what every chart begins with."""

from html import escape


def open_svg(label: str) -> str:
    """The beginning of an ``svg`` element; ``label`` says what it shows to who can't see it."""
    return f'<svg role="img" aria-label="{escape(label)}"'
