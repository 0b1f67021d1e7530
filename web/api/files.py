"""Uploads, attachments, and the frame that shows the HTML of one message."""

import html as html_text
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal
from uuid import UUID

from aiohttp import web
from msgspec import Meta, Struct

from kernel.blobs import blob_key
from kernel.errors import NotFoundError
from kernel.limits import FILE_NAME_CHARS, MIB, UPLOAD_BYTES
from kernel.sniff import media_type
from tickets import queries as ticket_queries
from tickets import service as tickets
from tickets.tables import AttachmentRow
from web import views
from web.files import INLINE_TYPES, attachment_response, clean_name
from web.routes import Call, delete, get, post, read_capped
from web.shapes import AttachmentView, Done

_REMOTE = re.compile(r'data-remote-src="([^"]*)"')
INLINE_BYTES = 8 * MIB
_INLINE = re.compile(r'data-cid="([^"]*)"')

FRAME = """<!doctype html><html><head><meta charset="utf-8"><base target="_blank">
<style>:root{{color-scheme:light}}body{{margin:0;font:14px/1.5 system-ui,sans-serif;color:#1c1f24;
background:#fff;overflow-wrap:anywhere}}img{{max-width:100%;height:auto}}table{{max-width:100%}}
pre{{white-space:pre-wrap}}blockquote{{margin:0 0 0 .6em;padding-left:.8em;
border-left:3px solid #d5d9e0;color:#4d5563}}</style></head><body>{body}</body></html>"""


class UploadQuery(Struct, forbid_unknown_fields=True):
    name: Annotated[str, Meta(min_length=1, max_length=FILE_NAME_CHARS)]


class HtmlQuery(Struct, forbid_unknown_fields=True):
    images: Literal["0", "1"] = "0"


async def post_upload(call: Call, query: UploadQuery) -> AttachmentView:
    """Upload one file as the raw body, to be attached to what is sent next"""
    data = await read_capped(call.request, UPLOAD_BYTES)
    key = await call.house.blobs.put(data)
    async with call.house.database.transaction() as session:
        row = await tickets.add_upload(
            session,
            agent_id=call.actor.agent_id,
            blob=str(key),
            name=clean_name(query.name),
            media_type=media_type(data, query.name),
            size=len(data),
            now=call.house.clock.now(),
        )
        return views.attachment_view(row)


async def delete_upload(call: Call) -> Done:
    """Drop an upload that was not sent"""
    async with call.house.database.transaction() as session:
        await tickets.remove_upload(session, call.id(), agent_id=call.actor.agent_id)
    return Done()


async def get_attachment(call: Call) -> web.Response:
    """The bytes of an attachment, inert"""
    async with call.house.database.reading() as session:
        row = await tickets.find_attachment(session, call.id(), seen_by=call.actor)
    data = await call.house.blobs.read(blob_key(row.blob))
    return attachment_response(data, name=row.name, media_type=row.media_type, may_inline=True)


async def get_html(call: Call, query: HtmlQuery) -> web.Response:
    """The sanitised HTML of a message, as a document for a sandboxed frame"""
    async with call.house.database.reading() as session:
        message, _ = await tickets.find_message(session, call.id(), seen_by=call.actor)
        files = (await ticket_queries.files_of(session, [message.id])).get(message.id, [])
    body = message.safe_html
    if body is None:
        raise NotFoundError
    inline = await data_urls(call, files)
    remote = query.images == "1"
    return _frame(with_images(body, inline, remote=remote), remote=remote)


async def data_urls(
    call: Call, files: Sequence[AttachmentRow], names: Mapping[UUID, str] | None = None
) -> dict[str, str]:
    """Inline images by content id, as data URLs: the frame has no origin and so no cookie."""
    found: dict[str, str] = {}
    room = INLINE_BYTES
    for file in files:
        name = names[file.id] if names else file.content_id
        if not name or file.media_type not in INLINE_TYPES or file.size > room:
            continue
        room -= file.size
        data = await call.house.blobs.read(blob_key(file.blob))
        found[name] = f"data:{file.media_type};base64,{b64encode(data).decode()}"
    return found


def with_images(html: str, inline: Mapping[str, str], *, remote: bool) -> str:
    """Put inline images in their places, and remote ones when the reader asked for them."""

    def place(found: re.Match[str]) -> str:
        url = inline.get(html_text.unescape(found[1]).strip("<>"))
        return f'src="{url}"' if url else found[0]

    shown = _INLINE.sub(place, html)
    return _REMOTE.sub(r'src="\1"', shown) if remote else shown


def _frame(body: str, *, remote: bool) -> web.Response:
    images = "data: https: http:" if remote else "data:"
    policy = (
        f"default-src 'none'; img-src {images}; style-src 'unsafe-inline'; "
        "form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )
    return web.Response(
        text=FRAME.format(body=body),
        content_type="text/html",
        headers={
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, no-store",
        },
    )


ROUTES = [
    post("/uploads", post_upload, "ticket.reply", status=201, raw_body=True),
    delete("/uploads/{id}", delete_upload),
    get("/attachments/{id}", get_attachment),
    get("/messages/{id}/html", get_html),
]
