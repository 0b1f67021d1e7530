"""How a widget looks and speaks, from its settings: the same for every visitor of a language."""

from channels.webchat.account import GreetingRule, WidgetSettings
from channels.webchat.choices import split_choices
from channels.webchat.texts import choose_locale, texts_for
from kernel.limits import CHAT_TEXT_CHARS, CHAT_UPLOAD_BYTES, CHAT_UPLOADS_PER_MESSAGE
from web.chat_shapes import (
    ConsentView,
    GreetingView,
    LauncherView,
    PreChatView,
    UploadLimits,
    WidgetView,
)


def widget_view(
    settings: WidgetSettings, wanted: str, *, online: bool, articles: bool
) -> WidgetView:
    """Show the widget in the first language of `wanted` that we speak."""
    locale = choose_locale(wanted, settings.default_locale)
    texts = texts_for(locale, {str(name): own for name, own in settings.texts.items()})
    by_mail = settings.reply_account_id is not None
    launcher = settings.launcher
    greeting, choices = split_choices(texts.greeting)
    return WidgetView(
        title=texts.title,
        greeting=greeting,
        greeting_choices=choices,
        placeholder=texts.placeholder,
        offline=texts.offline_mail if by_mail else texts.offline,
        colour=settings.colour,
        colour_dark=settings.colour_dark or settings.colour,
        theme=settings.theme,
        position=settings.position,
        launcher=LauncherView(
            icon=launcher.icon, text=texts.launcher, side=launcher.side, bottom=launcher.bottom
        ),
        locale=locale,
        online=online,
        identity_required=settings.identity_required,
        pre_chat=PreChatView(name=settings.pre_chat.name, email=settings.pre_chat.email),
        continues_by_mail=by_mail,
        upload=UploadLimits(
            bytes=CHAT_UPLOAD_BYTES,
            per_message=CHAT_UPLOADS_PER_MESSAGE if settings.uploads else 0,
        ),
        text_chars=CHAT_TEXT_CHARS,
        greetings=_greetings(settings, locale),
        consent=ConsentView(text=texts.consent, url=settings.privacy_url)
        if settings.consent
        else None,
        storage=settings.storage,
        rating=settings.rating,
        articles=articles and settings.articles,
    )


def greeting_text(settings: WidgetSettings, rule: GreetingRule, locale: str) -> str:
    """Return what a rule says to a visitor of a language, or to one of the default language."""
    texts = {str(name): text for name, text in rule.texts.items()}
    return texts.get(locale) or texts.get(settings.default_locale, "")


def _greetings(settings: WidgetSettings, locale: str) -> list[GreetingView]:
    found = []
    for rule in settings.greetings:
        text, choices = split_choices(greeting_text(settings, rule, locale))
        if text or choices:
            found.append(
                GreetingView(
                    id=rule.id,
                    page=rule.page,
                    seconds=rule.seconds,
                    visitors=rule.visitors,
                    text=text,
                    choices=choices,
                )
            )
    return found
