"""Who may ask the server: the browser that was given the token, on a page of the server's own.

A page of somebody else, open in the same browser, can send requests to this machine, and by a name that it lets point
here (DNS rebinding) even read the answers. So `Host` must be a name of ours, what changes something must come from a
page of ours (`Origin`), and everything needs the token, which the address that is opened carries once and a cookie
from then on.
"""

import secrets
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from logotal.app.answering import refused

TOKEN = "token"
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "object-src 'none'",
    )
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Guard:
    """Lets nobody through who may not ask, and says to browsers what pages may do.

    Args:
        app: what answers.
        token: the secret.
        hosts: `name:port` by which the server may be called.
        by_number: whether it may also be called by an IP address, or by one of these names with another port, as where
            it answers at all addresses of a machine or container: names that lead elsewhere by DNS are neither.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Collection[str], *, by_number: bool = False) -> None:
        self.app, self.token, self.hosts = app, token, {host.casefold() for host in hosts}
        self.by_number = by_number
        self.cookie = "logotal-" + "-".join(sorted({host.rpartition(":")[2] for host in self.hosts}))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", POLICY)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        answer = self._refusal(scope) or self.app
        await answer(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        """What is answered to who may not ask, or is to ask again without the token in the address."""
        headers = Headers(scope=scope)
        host = headers.get("host", "").casefold()
        if host not in self.hosts and not (self.by_number and self._is_number_or_name(host)):
            return refused(f"expected one of the hosts {', '.join(sorted(self.hosts))}, found {host!r:.80}", 421)
        if not _from_here(headers, host, changes=scope["method"] not in ("GET", "HEAD")):
            return refused("this request does not come from a page of this server", 403)
        query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        if self._is_token(query.pop(TOKEN, [""])[0]):
            rest = f"?{urlencode(query, doseq=True)}" if query else ""
            answer = RedirectResponse("/" + scope["path"].lstrip("/") + rest, status_code=303)
            answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict")
            return answer
        if not self._is_token(_cookies(headers).get(self.cookie, "")):
            return refused("open the address that `logotal app` has printed, with its token", 403)
        return None

    def _is_number_or_name(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in {each.rpartition(":")[0] for each in self.hosts} or _is_number(name)

    def _is_token(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.token.encode())


def _from_here(headers: Headers, host: str, *, changes: bool) -> bool:
    """Whether a page of ours asks, or a person who typed the address; only a page of ours changes anything."""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is None and site is None:
        return not changes
    return origin in (None, f"http://{host}") and site in (None, "none", "same-origin")


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        parsed = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in parsed.items()}
