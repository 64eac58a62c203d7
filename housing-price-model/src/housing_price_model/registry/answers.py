"""What an answer means that is none of MLflow's API: who refuses, in which words, and what to do about it.

Between a client and MLflow stand its own check of the `Host` header, its authentication, proxies of the environment and
gateways of others. All of them answer with 401, 403 or 503. The body tells them apart.
"""

import json
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urlsplit

from housing_price_model.errors import START_ONE, RegistryDenied, RegistryError, RegistryUnreachable, without_password

_LONGEST_QUOTE = 160
_SILENT_TAGS = ("head", "script", "style")
_MESSAGE_KEYS = ("message", "detail", "error", "title")
_ASKS_FOR_A_LOGIN, _FORBIDS, _PROXY_ASKS_FOR_A_LOGIN = 401, 403, 407
_HOST_CHECK = re.compile("invalid host header|dns rebinding", re.IGNORECASE)
_WORDS_OF_MLFLOW = re.compile("you are not authenticated|permission denied", re.IGNORECASE)
_NOTHING_BEHIND = (502, 503, 504)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP response of whoever answers at the registry's address."""

    status: int
    body: str

    @property
    def document(self) -> dict[str, object] | None:
        """The body as a JSON object, if it is one."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return None
        return document if isinstance(document, dict) else None

    @property
    def is_of_the_api(self) -> bool:
        """Whether MLflow's API answered: with a result, or with an error that has one of its codes."""
        document = self.document
        return document is not None and (self.status == 200 or "error_code" in document)

    @property
    def quote(self) -> str:
        """The status and the sender's own sentence: one short line without markup."""
        return f'{self.status}, "{self.sentence}"' if self.sentence else str(self.status)

    @property
    def sentence(self) -> str:
        """What the sender says, for people: one short line without markup, perhaps empty."""
        document = self.document
        if document is not None:
            return _cut(next((str(document[key]) for key in _MESSAGE_KEYS if document.get(key)), ""))
        return _cut(_read_text(self.body) if "<" in self.body else self.body)


def explain_answer(answer: Answer, uri: str, doing: str) -> RegistryError:
    """Return the error for an answer that is no result of MLflow's API.

    Args:
        answer: what came.
        uri: the address that was asked.
        doing: what the request was for, as in "MLflow could not …".
    """
    place, host = without_password(uri), urlsplit(uri).hostname or ""
    if _HOST_CHECK.search(answer.body):
        return RegistryError(
            f"MLflow at {place} does not accept the host name {host} ({answer.quote}): start it with"
            f" MLFLOW_SERVER_ALLOWED_HOSTS={host}, or set MLFLOW_TRACKING_URI to a name that it accepts"
        )
    if answer.status in (_ASKS_FOR_A_LOGIN, _FORBIDS) and _is_of_mlflow(answer):
        return RegistryDenied(uri, doing)
    if answer.is_of_the_api:
        return RegistryError(f"MLflow could not {doing}: {answer.sentence}")
    if answer.status == _ASKS_FOR_A_LOGIN:
        return RegistryError(
            f"what answers at {place} asks for a login, and not in MLflow's words ({answer.quote}): set"
            " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to what it takes"
        )
    proxy = find_proxy(uri)
    if answer.status in _NOTHING_BEHIND:
        between = f"the proxy {proxy} of this environment" if proxy else "a proxy before it"
        advice = advise_no_proxy(host) if proxy else None
        return RegistryUnreachable(uri, f"{between} says {answer.quote}", advice)
    if proxy:
        return RegistryError(f"{_explain_proxy(answer, place, proxy)}; {advise_no_proxy(host)}")
    return RegistryError(_explain_stranger(answer, place))


def find_proxy(uri: str) -> str | None:
    """Return the proxy of the environment through which this address is asked, without its password."""
    from requests.utils import get_environ_proxies, select_proxy

    proxy = select_proxy(uri, get_environ_proxies(uri, no_proxy=None))
    return without_password(proxy) if proxy else None


def advise_no_proxy(host: str) -> str:
    """Return what to do if a proxy stands where it should not."""
    return f"if {host} is reached without it, add {host} to NO_PROXY"


def _is_of_mlflow(answer: Answer) -> bool:
    return answer.is_of_the_api or ("<" not in answer.body and bool(_WORDS_OF_MLFLOW.search(answer.body)))


def _explain_proxy(answer: Answer, place: str, proxy: str) -> str:
    if answer.status == _PROXY_ASKS_FOR_A_LOGIN:
        return f"the proxy {proxy} of this environment asks for a login before it reaches {place} ({answer.quote})"
    return f"no answer of MLflow came from {place} through the proxy {proxy} of this environment ({answer.quote})"


def _explain_stranger(answer: Answer, place: str) -> str:
    if answer.status in (_FORBIDS, _PROXY_ASKS_FOR_A_LOGIN, 451):
        return (
            f"what answers at {place} refuses, and not in MLflow's words ({answer.quote}): a gateway in front of it"
            " decides, not a proxy of this environment, so NO_PROXY does not help; ask whoever runs it"
        )
    if answer.status >= 500:
        return f"what answers at {place} fails ({answer.quote}): look into its log"
    return f"what answers at {place} is no MLflow server ({answer.quote}): {START_ONE}"


def _cut(text: str) -> str:
    line = "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[: _LONGEST_QUOTE - 1].rstrip()}…"


class _Text(HTMLParser):
    """The text of a page, and its title for a page that has no other."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.title: list[str] = []
        self._silent = 0
        self._is_title = False

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the base class's
        self._silent += tag in _SILENT_TAGS
        self._is_title = tag == "title"

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT_TAGS
        self._is_title = False

    def handle_data(self, data: str) -> None:
        if self._is_title:
            self.title.append(data)
        elif not self._silent:
            self.text.append(data)


def _read_text(page: str) -> str:
    parser = _Text()
    parser.feed(page)
    return " ".join("".join(f"{part} " for part in parser.text).split()) or "".join(parser.title)


def find_answer(error: BaseException) -> Answer | None:
    """Return the answer that an error of MLflow's client or of requests is about, if there was one."""
    response = getattr(error, "response", None)
    if response is not None:
        return Answer(response.status_code, response.text)
    message = str(error)
    found = re.search(r"failed with error code (\d+) != \d+\. Response body: '(.*)'\s*$", message, re.DOTALL)
    if found:
        return Answer(int(found[1]), found[2])
    found = re.search(r"not in a valid JSON format\. Response body: '(.*)'\s*$", message, re.DOTALL)
    return Answer(200, found[1]) if found else None
