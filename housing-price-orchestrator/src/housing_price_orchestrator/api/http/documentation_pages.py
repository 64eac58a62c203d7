"""``/docs`` and ``/redoc``, with scripts and styles from an installed package, so that they need no internet.

Also what a browser asks for first: ``/``, which leads to them, and ``/favicon.ico``.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

from housing_price_orchestrator.api.http.security_headers import ASSETS, with_policy
from housing_price_orchestrator.observability.request_context import request_context

FRONT_DOOR = frozenset({"/", "/favicon.ico"})
"""What a browser asks for before a person can give a key; these routes need none."""

_FOLDER = files("fastapi_offline") / "static"
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)

# Both pages add styles while they run; ReDoc searches in a worker that it creates from a blob.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)

type MakePage = Callable[[str], HTMLResponse]
"""Makes a page for a prefix of all its links."""


def add_front_page(app: FastAPI, page_url: str | None, *, has_docs: bool) -> None:
    """Make ``/`` lead to this page, else to the documentation if there is one."""
    if not (page_url or has_docs):
        return

    @app.get("/", include_in_schema=False)
    async def lead_to_a_page(request: Request) -> RedirectResponse:
        return RedirectResponse(page_url or f"{request.scope['root_path']}/docs")


def add_documentation_pages(app: FastAPI, openapi_url: str) -> Mapping[str, str]:
    """Add the pages that show the OpenAPI document; return their content security policies by path."""
    app.mount(ASSETS, StaticFiles(directory=str(_FOLDER)))
    pages: dict[str, MakePage] = {
        "/docs": lru_cache(maxsize=16)(lambda prefix: _make_swagger_page(app, prefix, openapi_url)),
        "/redoc": lru_cache(maxsize=16)(lambda prefix: _make_redoc_page(app, prefix, openapi_url)),
    }

    @app.get("/docs", include_in_schema=False)
    async def get_swagger_page(request: Request) -> HTMLResponse:
        return _answer(request, pages["/docs"])

    @app.get("/redoc", include_in_schema=False)
    async def get_redoc_page(request: Request) -> HTMLResponse:
        return _answer(request, pages["/redoc"])

    @app.get("/favicon.ico", include_in_schema=False)
    async def get_icon() -> FileResponse:
        return FileResponse(str(_FOLDER / "favicon.png"))

    return {path: _make_policy(bytes(make("").body)) for path, make in pages.items()}


def _answer(request: Request, make: MakePage) -> HTMLResponse:
    """The page with the prefix of the caller's addresses in its links, and a policy for its script, which has them."""
    prefix: str = request.scope["root_path"]
    page = make(prefix)
    if prefix:
        context = request_context(request.scope)
        context.headers = with_policy(context.headers, _make_policy(bytes(page.body)))
    return page


def _make_swagger_page(app: FastAPI, prefix: str, openapi_url: str) -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url=prefix + openapi_url,
        title=f"{app.title}: try it",
        swagger_js_url=f"{prefix}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{prefix}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{prefix}{ASSETS}/favicon.png",
        swagger_ui_parameters={"tryItOutEnabled": True},
    )


def _make_redoc_page(app: FastAPI, prefix: str, openapi_url: str) -> HTMLResponse:
    return get_redoc_html(
        openapi_url=prefix + openapi_url,
        title=f"{app.title}: reference",
        redoc_js_url=f"{prefix}{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{prefix}{ASSETS}/favicon.png",
        with_google_fonts=False,
    )


def _make_policy(page: bytes) -> str:
    """A policy that runs only the page's own scripts: files of this service, and inline scripts by their digest."""
    digests = [b64encode(sha256(script).digest()).decode() for script in _INLINE_SCRIPT.findall(page)]
    return _POLICY.format(scripts=" ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)]))
