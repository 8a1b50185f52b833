"""How requests are read and answered: in threads, with every fault of a request as a sentence in JSON."""

from collections.abc import Callable
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from logotal.errors import InputError
from logotal.files.json import parsed_json
from logotal.files.model import Model, parsed_model

LARGEST = 16 * 2**20
"""Bytes of a request that is read whole: edits, label files."""


async def read(work: Callable[[Request], object], request: Request) -> Response:
    """The answer of what only looks."""
    return await _answered(work, request)


async def change(work: Callable[[Request, bytes], object], request: Request) -> Response:
    """The answer of what changes something, by the body of the request."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return refused(f"expected at most {LARGEST:,} bytes, found more", 413)
    return await _answered(partial(_with_body, work, body), request)


def _with_body(work: Callable[[Request, bytes], object], body: bytes, request: Request) -> object:
    return work(request, body)


async def _answered(work: Callable[[Request], object], request: Request) -> Response:
    """The answer of work that may take a while; what is wrong with the request is said."""
    try:
        found = await run_in_threadpool(work, request)
    except (InputError, OSError) as error:  # a full disk, a folder without permission
        return refused(error)
    return found if isinstance(found, Response) else JSONResponse(found)


def refused(error: object, status: int = 400, **more: object) -> Response:
    """An answer that says what was wrong, and what else belongs to it."""
    return JSONResponse({"error": str(error), **more}, status_code=status)


def parsed(body: bytes, model: type[Model]) -> Model:
    """A body as a model.

    Raises:
        InputError: it is not as the model says.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise InputError("expected JSON in UTF-8") from error
    return parsed_model(parsed_json(text, "the request"), "the request", model)


def number(request: Request, name: str) -> int:
    """A number of the query; 0 where it is absent.

    Raises:
        InputError: it is no number.
    """
    text = request.query_params.get(name, "0")
    if not text.isdecimal() or len(text) > 18:
        raise InputError(f"{name}: expected a number, found {text!r:.40}")
    return int(text)
