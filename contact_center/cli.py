"""The commands of the operator."""

import asyncio
import logging
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
from aiohttp import web

from contact_center import __version__, operating
from contact_center.app import open_center
from contact_center.settings import Settings, load_settings
from kernel import log
from kernel.clock import SystemClock
from kernel.errors import CenterError

logger = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 20.0
T = TypeVar("T")


@click.group()
@click.version_option(__version__)
@click.option(
    "--config", type=click.Path(path_type=Path, dir_okay=False), help="Settings file (TOML)."
)
@click.pass_context
def main(context: click.Context, config: Path | None) -> None:
    """An omnichannel contact center and help desk."""
    context.obj = config


@main.command()
@click.pass_obj
def serve(config: Path | None) -> None:
    """Run the center until it is told to stop."""
    settings = _settings(config)
    log.configure(settings.log_level, pretty=settings.log_format == "pretty")
    _run(lambda: _serve(settings))


@main.command()
@click.pass_obj
def migrate(config: Path | None) -> None:
    """Bring the database to the schema of this version (serve does it too)."""
    settings = _settings(config)
    _run(lambda: operating.migrate(settings))
    click.echo("the database is up to date")


@main.command("add-agent")
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.option("--role", default="agent", show_default=True)
@click.password_option()
@click.pass_obj
def add_agent(config: Path | None, email: str, name: str, role: str, password: str) -> None:
    """Add somebody who works here."""
    settings = _settings(config)
    _run(lambda: operating.add_agent(settings, email, name, role, password))
    click.echo(f"{email} can sign in as {role}")


@main.command("check-channel")
@click.argument("name", required=False)
@click.pass_obj
def check_channel(config: Path | None, name: str | None) -> None:
    """Really connect to one account, or to all, and say what is wrong."""
    settings = _settings(config)
    good = _run(lambda: operating.check_channels(settings, name, click.echo))
    sys.exit(0 if good else 1)


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.pass_obj
def backup(config: Path | None, target: Path) -> None:
    """Write database, files and key to the archive TARGET while the center runs."""
    settings = _settings(config)
    _run(lambda: operating.backup(settings, target))
    click.echo(f"written: {target}")


@main.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def restore(config: Path | None, source: Path) -> None:
    """Restore the archive SOURCE into an empty data directory; unsent messages are held back."""
    settings = _settings(config)
    held = _run(lambda: operating.restore(settings, source))
    click.echo(f"restored; {held} unsent messages are held back for you to look at")


@main.command()
@click.pass_obj
def doctor(config: Path | None) -> None:
    """Look at everything that could be wrong and say what and how to mend it."""
    settings = _settings(config)
    good = _run(lambda: operating.doctor(settings, click.echo))
    sys.exit(0 if good else 1)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with open_center(settings, SystemClock()) as center:
        runner = web.AppRunner(
            center.site, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS, handle_signals=False
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, settings.listen_host, settings.listen_port)
            await site.start()
            _greet(settings, center.house.setup_token)
            await stop.wait()
            logger.info("stopping")
        finally:
            await runner.cleanup()


def _greet(settings: Settings, token: str | None) -> None:
    logger.info("ready", extra={"url": settings.public_url})
    click.echo(f"\n  The contact center is at {settings.public_url}", err=True)
    if token is not None:
        click.echo(
            f"  Nobody works here yet. Make the first account at\n"
            f"  {settings.public_url}/setup?token={token}\n",
            err=True,
        )


def _settings(config: Path | None) -> Settings:
    try:
        return load_settings(config)
    except CenterError as error:
        raise click.ClickException(error.message) from error


def _run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run to the end; a refusal is one sentence on the terminal, never a traceback."""
    try:
        return asyncio.run(work())
    except CenterError as error:
        raise click.ClickException(error.message) from error
    except OSError as error:
        raise click.ClickException(f"{error.strerror or error}") from error
