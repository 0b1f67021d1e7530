"""Refusals, translated into HTTP in this file and nowhere else."""

import logging
from http import HTTPStatus

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from kernel.errors import CenterError, InvalidInputError, OverloadedError
from kernel.ids import new_id
from web.shapes import ErrorView

logger = logging.getLogger(__name__)

STATUS = {
    "sign_in_required": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "unsigned_call": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "bad_credentials": HTTPStatus.UNPROCESSABLE_ENTITY,
    "misconfigured": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unreadable": HTTPStatus.UNPROCESSABLE_ENTITY,
    "too_many_tries": HTTPStatus.TOO_MANY_REQUESTS,
    "overloaded": HTTPStatus.SERVICE_UNAVAILABLE,
}
RETRY_AFTER = {HTTPStatus.TOO_MANY_REQUESTS: "60", HTTPStatus.SERVICE_UNAVAILABLE: "2"}


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every refusal with its code and a sentence; never with a traceback."""
    try:
        return await handler(request)
    except CenterError as error:
        if isinstance(error, OverloadedError):
            logger.warning("refused for now", extra={"cause": repr(error.__cause__)})
        return refusal(error)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        return _answer(HTTPStatus(error.status), _code(error.status), error.reason, "")
    except Exception as error:  # the edge of the house: anything unforeseen becomes a numbered 500
        if isinstance(error, ConnectionError) and request.transport is None:
            # The caller hung up within their request: nobody's fault, and nobody to answer.
            return _answer(HTTPStatus.BAD_REQUEST, "hung_up", "the caller hung up")
        number = str(new_id())
        logger.exception("request failed", extra={"incident": number, "path": request.path})
        return _answer(
            HTTPStatus.INTERNAL_SERVER_ERROR, "internal", f"something broke here; incident {number}"
        )


def refusal(error: CenterError) -> web.Response:
    status = STATUS.get(error.code, HTTPStatus.BAD_REQUEST)
    field = error.field if isinstance(error, InvalidInputError) else ""
    return _answer(status, error.code, error.message, field, error.reason)


def _answer(
    status: HTTPStatus, code: str, message: str, field: str = "", reason: str = ""
) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    if status in RETRY_AFTER:
        headers["Retry-After"] = RETRY_AFTER[status]
    return web.Response(
        status=status,
        body=msgspec.json.encode(
            ErrorView(error=code, message=message, field=field, reason=reason)
        ),
        content_type="application/json",
        headers=headers,
    )


def _code(status: int) -> str:
    return HTTPStatus(status).name.lower()
