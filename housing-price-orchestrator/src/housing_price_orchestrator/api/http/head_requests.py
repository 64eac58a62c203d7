"""ASGI middleware that answers HEAD wherever GET is, with the same headers and no body (RFC 9110, 9.3.2)."""

from collections.abc import Awaitable

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadRequests:
    """Asks the application for what GET would return, and leaves the body out.

    Args:
        app: the application, which need not know HEAD.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Return what handles a request: a coroutine of its own around each would cost every request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return self._app(scope, receive, send)
        return self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = {**scope, "method": "GET"}  # the server needs its own scope unchanged to know that no body follows
        try:
            await self._app(asked, receive, _without_body(send))
        finally:
            scope["route"] = asked.get("route")


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.start":
            await send(message)
        elif message["type"] == "http.response.body" and not message.get("more_body", False):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    return send_head
