"""AWS's registry on loopback, with one image of this machine's engine: `uv run python examples/containers/registry.py`.

Moto answers as AWS does, and gives the login; this script puts its own address into it. The engine then pulls by the
protocol of the OCI distribution specification, over plain HTTP, which it permits on 127.0.0.1.
"""

import argparse
import json
import re
import subprocess
import sys
import tarfile
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import file_digest, sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

OCI = "application/vnd.oci.image"
GZIP = b"\x1f\x8b"
AWS_REGISTRY = re.compile(rb"https://\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com")
TOKEN = re.compile(r'"authorizationToken":\s*"([^"]+)"')


class StoredImage:
    """An image as a registry has it: a manifest, and the files that this names by their digests.

    Args:
        image: its name in the engine.
        folder: where its files are put.
    """

    def __init__(self, image: str, folder: Path) -> None:
        self.folder = folder
        archive = folder / "image.tar"
        command = ["docker", "save", "--output", str(archive), image]
        subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  no shell
        with tarfile.open(archive) as files:
            [listed] = json.load(_member(files, "manifest.json"))
            config, *layers = [self._stored(_member(files, name)) for name in (listed["Config"], *listed["Layers"])]
        archive.unlink()
        config["mediaType"] = f"{OCI}.config.v1+json"
        manifest = {"schemaVersion": 2, "mediaType": f"{OCI}.manifest.v1+json", "config": config, "layers": layers}
        self.manifest = json.dumps(manifest).encode()
        self.digest = f"sha256:{sha256(self.manifest).hexdigest()}"

    def _stored(self, content: Any) -> dict[str, Any]:
        """Keep a file under its digest, and describe it."""
        digest = file_digest(content, "sha256").hexdigest()
        content.seek(0)
        kept = self.folder / digest
        kept.write_bytes(content.read())
        with kept.open("rb") as file:
            form = "tar+gzip" if file.read(2) == GZIP else "tar"
        return {"mediaType": f"{OCI}.layer.v1.{form}", "digest": f"sha256:{digest}", "size": kept.stat().st_size}


def _member(files: tarfile.TarFile, name: str) -> Any:
    content = files.extractfile(name)
    assert content is not None, f"{name} is no file"  # noqa: S101  the engine writes files there
    return content


class LoopbackEcr:
    """AWS's API by moto, and below `/v2/` a registry for whoever comes with a login that moto gave.

    Args:
        image: what it serves.
        repository: the image's repository.
        tag: its tag.
    """

    def __init__(self, image: StoredImage, repository: str, tag: str) -> None:
        self.image = image
        self._manifests = {f"/v2/{repository}/manifests/{name}" for name in (tag, image.digest)}
        self._blobs = f"/v2/{repository}/blobs/sha256:"
        self._logins: set[str] = set()
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, as WSGI has it."""
        request = Request(dict(environ))
        answer = self._registry(request) if request.path.startswith("/v2/") else self._aws(request)
        return answer(request.environ, start_response)

    def _aws(self, request: Request) -> Response:
        answer = Response.from_app(self._moto, request.environ)
        answer.set_data(AWS_REGISTRY.sub(request.host_url.rstrip("/").encode(), answer.get_data()))
        self._logins.update(TOKEN.findall(answer.get_data().decode(errors="replace")))
        return answer

    def _registry(self, request: Request) -> Response:
        if not self._is_known(request):
            return Response(status=401, headers={"www-authenticate": 'Basic realm="loopback"'})
        if request.path in self._manifests:
            kind = f"{OCI}.manifest.v1+json"
            headers = {"docker-content-digest": self.image.digest}
            return Response(self.image.manifest, headers=headers, content_type=kind)
        digest = request.path.removeprefix(self._blobs)
        if re.fullmatch("[0-9a-f]{64}", digest) and (self.image.folder / digest).exists():
            return Response((self.image.folder / digest).read_bytes(), content_type="application/octet-stream")
        return Response("{}", status=200 if request.path == "/v2/" else 404, content_type="application/json")

    def _is_known(self, request: Request) -> bool:
        login = request.authorization
        return login is not None and b64encode(f"{login.username}:{login.password}".encode()).decode() in self._logins


class Quiet(WSGIRequestHandler):
    """Logs nothing: engines try TLS first, and what comes then is no request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  its own signature
        """Nothing is logged."""


@contextmanager
def loopback_ecr(image: str, repository: str, tag: str, port: int = 0) -> Iterator[str]:
    """The address of a registry with an image of the engine."""
    with TemporaryDirectory(prefix="loopback-ecr-") as folder:
        ecr = LoopbackEcr(StoredImage(image, Path(folder)), repository, tag)
        server = make_server("127.0.0.1", port, ecr, threaded=True, request_handler=Quiet)
        serving = Thread(target=server.serve_forever, daemon=True)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            server.shutdown()
            serving.join()
            server.server_close()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--image", default="insurance-model:1", help="an image of the engine")
    parser.add_argument("--repository", default="models/insurance", help="where the registry has it")
    parser.add_argument("--tag", default="1", help="its tag there")
    parser.add_argument("--port", type=int, default=9110, help="port of the registry and of AWS's API")
    given = parser.parse_args()
    try:
        with loopback_ecr(given.image, given.repository, given.tag, given.port) as url:
            print(f"AWS_ENDPOINT_URL={url} has {given.repository}:{given.tag}; Ctrl-C stops it", flush=True)
            Event().wait()
    except subprocess.CalledProcessError as error:
        sys.exit(f"registry: `docker save {given.image}` failed: {error.stderr.strip()}")
    except FileNotFoundError:
        sys.exit("registry: there is no command `docker` on this machine")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
