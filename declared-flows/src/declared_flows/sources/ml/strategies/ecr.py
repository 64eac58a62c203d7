"""The strategy `ecr`: an image of AWS's registry, pulled after a login, then as `docker`. Needs the extra ``ecr``."""

from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from pydantic import Field

from declared_flows.sources.http_calls import HttpCalls
from declared_flows.sources.ml.backend import Backend
from declared_flows.sources.ml.docker_command import Docker
from declared_flows.sources.ml.strategies.docker import ContainerOptions
from declared_flows.sources.ml.strategies.http import Address
from declared_flows.sources.ml.supervision import Exit, NotStarted, Pauses, RunningModel, SupervisedModel
from declared_flows.sources.ml.threads import run_in_thread
from declared_flows.sources.port import SourceContext

_PAUSES = Pauses(first_seconds=5.0, longest_seconds=300.0)


@dataclass(frozen=True, slots=True)
class Login:
    """The credentials of a registry, valid for some hours."""

    registry: str
    user: str
    password: str

    def __repr__(self) -> str:
        return f"Login({self.registry!r})"


class EcrOptions(ContainerOptions):
    """An image with a model server from AWS's registry ECR. The credentials are those that AWS's own libraries find:
    variables, the user's profile, or the machine's role."""

    repository: Annotated[str, Field(pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*$", examples=["models/insurance"])]
    """The repository within the registry."""
    tag: Annotated[str, Field(pattern=r"^(sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$")] = "latest"
    """A tag, or a digest such as `sha256:…`, which always means the same image."""
    region: Annotated[str, Field(pattern=r"^[a-z0-9-]+$", examples=["eu-central-1"])]
    """The region of the registry."""
    account: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = None
    """The account of the registry, if it differs from that of the credentials."""
    endpoint_url: Address | None = None
    """The address of another endpoint than AWS's own."""

    def diagnose(self) -> Sequence[str]:
        """A missing extra."""
        is_there = find_spec("boto3") is not None
        return () if is_there else ("this strategy needs boto3: install housing-price-orchestrator[ecr]",)

    @asynccontextmanager
    async def open(self, source: str, context: SourceContext, connections: int) -> AsyncIterator[Backend]:
        """The container, kept up; each start logs in anew, since a login ends."""
        async with HttpCalls(context, connections) as calls:
            name = f"ecr: {self.repository}{self._version}"
            async with SupervisedModel(name, lambda: self._up(source, context, calls), _PAUSES) as supervised:
                yield supervised

    @property
    def _version(self) -> str:
        return f"@{self.tag}" if self.tag.startswith("sha256:") else f":{self.tag}"

    @asynccontextmanager
    async def _up(self, source: str, context: SourceContext, calls: HttpCalls) -> AsyncIterator[RunningModel]:
        login = await run_in_thread(self._login)
        image = f"{login.registry}/{self.repository}{self._version}"
        await _pull(image, login)
        async with self.up(Docker(), image, source, context, calls) as up:
            yield up

    def _login(self) -> Login:
        """Ask AWS.

        Raises:
            NotStarted: if it gives none.
        """
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError

        accounts = {"registryIds": [self.account]} if self.account else {}
        try:
            ecr = boto3.client("ecr", region_name=self.region, endpoint_url=self.endpoint_url)
            [found] = ecr.get_authorization_token(**accounts)["authorizationData"]
            user, _, password = b64decode(found["authorizationToken"]).decode().partition(":")
        except (BotoCoreError, ClientError, KeyError, ValueError) as error:
            raise NotStarted(Exit("AWS gave no login for its registry", [str(error)])) from error
        host = found["proxyEndpoint"].rpartition("://")[2].partition("/")[0]
        return Login(host, user, password)


async def _pull(image: str, login: Login) -> None:
    """Pull with a configuration of its own: the login is not for whoever uses docker here later.

    Raises:
        NotStarted: if the login is refused, or there is no such image.
    """
    engine = await Docker().engine()
    with TemporaryDirectory(prefix="docker-login-") as config:
        docker = Docker(Path(config), engine)
        await docker.run("login", "--username", login.user, "--password-stdin", login.registry, given=login.password)
        await docker.run("pull", "--quiet", image)
