"""References and expressions of the old notation, in ours."""

import re
from collections.abc import Callable
from typing import Any

from declared_flows.conversion.part import Part
from declared_flows.conversion.secrets import has_placeholder
from declared_flows.notation.expressions import Expression, InvalidExpression

LEFT_OUT = object()
"""In place of a value that our notation can't say."""

_NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
_REFERENCE = rf"\$({_NAME})((?:\.{_NAME}|\[(?:\d+|\*|'[^']*'|\"[^\"]*\")\])*)"
_ALONE = re.compile(_REFERENCE)
_PART = re.compile(rf"\.({_NAME})|\[(\d+|\*|'[^']*'|\"[^\"]*\")\]")
_OPERATOR = re.compile(r"\s(?:\+|-|\*|/|%|==|!=|<|>|<=|>=|&&|\|\||\?)\s|^!|^\(")
_SCRIPT = re.compile(r"===|!==|\bObject\.|\.length\b|\bMath\.|=>")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LITERAL = re.compile(r"true|false|null|-?\d+(?:\.\d+)?|'[^'\\]*'|\"[^\"\\]*\"")

type Path = tuple[str, ...]
"""Where a value is: a root and names; `*` for all items, digits for one."""


class References:
    """Says in our notation what the old one reads.

    Args:
        known: called for each value that is read; returns its path in our notation, or None after noting that it is
            unknown.
    """

    def __init__(self, known: Callable[[Path, Part], Path | None]) -> None:
        self._known = known

    def value(self, part: Part) -> Any:
        """A value with all that is in it, or ``LEFT_OUT``."""
        if isinstance(part.value, dict):
            members = {member.name: self.value(member) for member in part.members()}
            return {name: value for name, value in members.items() if value is not LEFT_OUT}
        if isinstance(part.value, list):
            items = [self.value(item) for item in part.members()]
            return [item for item in items if item is not LEFT_OUT]
        return self._text(part, part.value) if isinstance(part.value, str) else part.value

    def condition(self, part: Part) -> Any:
        """A condition, or ``LEFT_OUT``."""
        text = str(part.value).strip().removeprefix("{{").removesuffix("}}").strip()
        for ending in ("!= null", "is not null", "!= None"):
            if text.endswith(ending) and _ALONE.fullmatch(bare := text.removesuffix(ending).strip()):
                return self._reference(part, bare)
        if _ALONE.fullmatch(text):
            return self._reference(part, text)
        found = LEFT_OUT if _SCRIPT.search(text) else self._expression(part, text)
        if found is LEFT_OUT:
            part.note(f"the condition `{text}` can't be converted: say it as `when: ${{…}}`, in CEL")
        return found

    def _text(self, part: Part, text: str) -> Any:
        if has_placeholder(text):
            part.note("a value can't come from the environment: write it here, or into the source as a secret")
            return LEFT_OUT
        if _ALONE.fullmatch(text.strip()):
            return self._reference(part, text.strip())
        if "$" not in text:
            return text
        if "||" in text:
            return self._first_of(part, text)
        if _SCRIPT.search(text):
            part.note(f"`{text}` can't be converted: write it in CEL, as `${{…}}`")
            return LEFT_OUT
        if _OPERATOR.search(text) and (found := self._expression(part, text)) is not LEFT_OUT:
            part.note(f"check `{found}`: in CEL whole numbers and decimals do not mix, and null is not a number")
            return found
        return self._write(part, text)

    def _reference(self, part: Part, text: str) -> Any:
        path = self._path(part, text)
        if path is None:
            return LEFT_OUT
        if "*" in path:
            return f"${{{_all_of(path)}}}"
        is_plain = all(_PLAIN.fullmatch(name) or name.isdigit() for name in path)
        return f"${_join_path(path)}" if is_plain else f"${{{_join_path(path)}}}"

    def _path(self, part: Part, text: str) -> Path | None:
        found = _ALONE.fullmatch(text)
        if found is None:
            return None
        path = self._known((found[1], *(name or index.strip("'\"") for name, index in _PART.findall(found[2]))), part)
        return path[:-1] if path and path[-1] == "*" else path

    def _first_of(self, part: Part, text: str) -> Any:
        """`$a.x || $b.y || 30`: the first that is there."""
        options = [option.strip() for option in text.split("||")]
        if not all(_LITERAL.fullmatch(option) or _ALONE.fullmatch(option) for option in options):
            part.note(f"`{text}` can't be converted: write it in CEL, as `${{…}}`")
            return LEFT_OUT
        if _ALONE.fullmatch(options[-1]):
            options.append("null")
        expression = options.pop()
        for option in reversed(options):
            if _LITERAL.fullmatch(option):
                expression = option
            elif path := self._path(part, option):
                expression = f"{_is_there(path)} ? {_join_path(path)} : {expression}"
        return f"${{{expression}}}"

    def _expression(self, part: Part, text: str) -> Any:
        known = True

        def ours(found: re.Match[str]) -> str:
            nonlocal known
            path = self._path(part, found[0])
            known = known and path is not None and "*" not in path
            return _join_path(path or ())

        expression = re.sub(_REFERENCE, ours, text)
        return _check(expression) if known else LEFT_OUT

    def _write(self, part: Part, text: str) -> Any:
        """A text with values in it."""
        pieces: list[str] = []
        end = 0
        for found in re.finditer(_REFERENCE, text):
            # A point behind a name ends the sentence.
            reference = found[0]
            path = self._path(part, reference)
            if path is None:
                return LEFT_OUT
            pieces += text[end : found.start()].replace("$", "$$"), f"${{{_join_path(path)}}}"
            end = found.end()
        return "".join([*pieces, text[end:].replace("$", "$$")])


def _join_path(path: Path) -> str:
    written = path[0] if path else ""
    for name in path[1:]:
        if name.isdigit():
            written += f"[{name}]"
        else:
            written += f".{name}" if _PLAIN.fullmatch(name) else f'["{name}"]'
    return written


def _all_of(path: Path) -> str:
    """A field of all items of a list."""
    star = path.index("*")
    return f"{_join_path(path[:star])}.map(each, {_join_path(('each', *path[star + 1 :]))})"


def _is_there(path: Path) -> str:
    # The parts of the request are always there.
    sure = 2 if path[0] == "request" else 0
    checks: list[str] = []
    for length in range(sure + 1, len(path) + 1):
        reference = _join_path(path[:length])
        if length > 1:
            checks.append(f"has({reference})")
        checks.append(f"{reference} != null")
    return " && ".join(checks) or "true"


def _check(expression: str) -> Any:
    try:
        Expression(expression)
    except InvalidExpression:
        return LEFT_OUT
    return f"${{{expression}}}"
