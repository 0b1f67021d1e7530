"""Files of a conversation: uploaded before the message that names them, read back by its owner."""

from typing import Final

from aiohttp import web

from channels.webchat import visitors
from channels.webchat.visitors import Visitor
from desk import chat_history
from kernel.blobs import blob_key
from kernel.errors import InvalidInputError
from kernel.limits import CHAT_UPLOAD_BYTES, CHAT_UPLOAD_BYTES_PER_HOUR, CHAT_UPLOADS_PER_HOUR
from kernel.sniff import media_type, safe_name
from web.chat_endpoint import ChatCall, id_of, read_at_most
from web.chat_room import conversation, upload_view
from web.chat_shapes import UploadView
from web.files import attachment_response

HOUR: Final = 3_600.0
RUNS: Final = frozenset({"application/x-msdownload", "application/x-elf"})
"""Programs: nobody needs to send one to a help desk."""


async def post_upload(call: ChatCall) -> UploadView:
    """Keep a file for the message that will name it; it is whatever its bytes are."""
    visitor = await call.visitor()
    if not call.widget.settings.uploads:
        raise InvalidInputError("files cannot be sent here")
    _pace_uploads(call, visitor)
    data = await read_at_most(call.request, CHAT_UPLOAD_BYTES)
    if not data:
        raise InvalidInputError("this file is empty")
    network = call.room.network(call.request)
    call.room.pace.take(
        ("upload bytes", network),
        per_second=CHAT_UPLOAD_BYTES_PER_HOUR / HOUR,
        burst=CHAT_UPLOAD_BYTES_PER_HOUR,
        amount=len(data),
    )
    given = call.request.query.get("name", "")
    kind = media_type(data, given)
    if kind in RUNS:
        raise InvalidInputError("programs cannot be sent here")
    house = call.room.house
    blob = await house.blobs.put(data)
    async with house.database.transaction() as session:
        upload = await visitors.add_upload(
            session,
            visitor.id,
            blob=blob,
            name=safe_name(given, kind),
            media_type=kind,
            size=len(data),
            now=house.clock.now(),
        )
    return upload_view(upload)


def _pace_uploads(call: ChatCall, visitor: Visitor) -> None:
    for key in (("uploads", visitor.id), ("uploads", call.room.network(call.request))):
        most = CHAT_UPLOADS_PER_HOUR * (1 if key[1] == visitor.id else 10)
        call.room.pace.take(key, per_second=most / HOUR, burst=most)


async def get_file(call: ChatCall) -> web.Response:
    """A file of the visitor's own conversation; any other does not exist for them."""
    visitor = await call.visitor()
    call.room.pace.take(("files", visitor.id), per_second=5.0, burst=100.0)
    wanted = id_of(call.request.match_info["id"])
    async with call.room.house.database.reading() as session:
        uploads = await visitors.uploads_of(session, visitor.id, [wanted])
        found = uploads.get(wanted) or await chat_history.find_file(
            session, conversation(visitor), wanted
        )
        blob, name, kind = found.blob, found.name, found.media_type
    data = await call.room.house.blobs.read(blob_key(blob))
    return attachment_response(data, name=name, media_type=kind, may_inline=True)
