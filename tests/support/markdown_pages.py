"""The Markdown pages of the repository, read as text: their prose, headings and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")
_SITE = re.compile(r"[a-z]+:")


@dataclass(frozen=True)
class Page:
    """A page; ``path`` is relative to the root of the repository."""

    path: Path

    def __str__(self) -> str:
        return self.path.as_posix()

    @cached_property
    def prose(self) -> list[tuple[int, str]]:
        """The lines outside code blocks, each with its number."""
        lines, is_code = [], False
        for number, line in enumerate((ROOT / self.path).read_text(encoding="utf-8").splitlines(), start=1):
            is_fence = line.lstrip().startswith("```")
            is_code ^= is_fence
            if not is_fence and not is_code:
                lines.append((number, line))
        return lines

    @cached_property
    def headings(self) -> list[str]:
        """The texts of the headings, without their number signs."""
        return [line.lstrip("# ") for _, line in self.prose if line.startswith("#")]

    @cached_property
    def anchors(self) -> set[str]:
        """The anchors of the headings, as GitHub makes them."""
        plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in self.headings]
        return {_NOT_IN_ANCHORS.sub("", heading.lower()).replace(" ", "-") for heading in plain}

    def broken_links(self) -> Iterator[str]:
        """The links to files or headings that do not exist; links to web sites are not followed."""
        for number, line in self.prose:
            for target in _LINK.findall(line):
                if not _SITE.match(target) and not self._exists(target):
                    yield f"{self}:{number}: {target}"

    def _exists(self, target: str) -> bool:
        name, _, anchor = target.partition("#")
        found = (ROOT / self.path.parent / name).resolve() if name else ROOT / self.path
        if not found.exists():
            return False
        return not anchor or found.suffix != ".md" or anchor in Page(found.relative_to(ROOT)).anchors


def all_pages() -> list[Page]:
    """README, changelog, `docs`, examples and the README of each member."""
    patterns = ("*.md", "*/README.md", "docs/**/*.md")
    found = {path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern)}
    return [Page(path) for path in sorted(found)]
