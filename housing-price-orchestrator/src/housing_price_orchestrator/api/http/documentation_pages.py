"""``/docs`` and ``/redoc``, with scripts and styles from an installed package, so that they need no internet."""

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from housing_price_orchestrator.api.http.security_headers import ASSETS

_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)

# Both pages add styles while they run; ReDoc searches in a worker that it creates from a blob.
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def add_documentation_pages(app: FastAPI, openapi_url: str) -> Mapping[str, str]:
    """Add the pages that show the OpenAPI document; return their content security policies by path."""
    app.mount(ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")))
    pages = {"/docs": _make_swagger_page(app, openapi_url), "/redoc": _make_redoc_page(app, openapi_url)}

    @app.get("/docs", include_in_schema=False)
    async def get_swagger_page() -> HTMLResponse:
        return pages["/docs"]

    @app.get("/redoc", include_in_schema=False)
    async def get_redoc_page() -> HTMLResponse:
        return pages["/redoc"]

    return {path: _make_policy(bytes(page.body)) for path, page in pages.items()}


def _make_swagger_page(app: FastAPI, openapi_url: str) -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url=openapi_url,
        title=f"{app.title}: try it",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
        swagger_ui_parameters={"tryItOutEnabled": True},
    )


def _make_redoc_page(app: FastAPI, openapi_url: str) -> HTMLResponse:
    return get_redoc_html(
        openapi_url=openapi_url,
        title=f"{app.title}: reference",
        redoc_js_url=f"{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{ASSETS}/favicon.png",
        with_google_fonts=False,
    )


def _make_policy(page: bytes) -> str:
    """A policy that runs only the page's own scripts: files of this service, and inline scripts by their digest."""
    digests = [b64encode(sha256(script).digest()).decode() for script in _INLINE_SCRIPT.findall(page)]
    return _POLICY.format(scripts=" ".join(["'self'", *(f"'sha256-{digest}'" for digest in digests)]))
