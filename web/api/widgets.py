"""A chat widget while it is edited: how it would look, before anything is saved."""

from typing import Any

from channels.webchat.account import read_settings
from web.chat_look import widget_view
from web.chat_shapes import PreviewWidget, WidgetView
from web.routes import Call, post


async def preview_widget(_call: Call, body: PreviewWidget) -> WidgetView:
    """See how a widget with these settings looks and speaks; nothing is saved"""
    return widget_view(read_settings(body.settings), body.locale, online=True, articles=True)


ROUTES: list[Any] = [post("/widgets/preview", preview_widget, "account.manage")]
