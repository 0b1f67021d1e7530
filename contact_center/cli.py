"""The commands of the operator."""

# Each command imports what it needs when it runs: looking at `--help` or asking the doctor need
# not wait for the whole house, and nothing is imported that the command does not use.
# ruff: noqa: PLC0415

import asyncio
import gc
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from contact_center import __version__
from contact_center.settings import Settings, load_settings
from kernel import log
from kernel.errors import CenterError

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
    log.hide(settings.database_url)
    # Importing makes much and leaves no garbage: looking for some takes a quarter of the start.
    gc.disable()
    import uvloop

    from contact_center import serving

    gc.freeze()
    gc.enable()
    _explained(settings, lambda: uvloop.run(serving.serve(settings, _greet)))


@main.command()
@click.pass_obj
def migrate(config: Path | None) -> None:
    """Bring the database to the schema of this version (serve does it too)."""
    from contact_center import operating

    settings = _settings(config)
    revision = _run(settings, lambda: operating.migrate(settings))
    click.echo(f"the database is up to date: schema {revision}")


@main.command("add-agent")
@click.option("--email", prompt=True)
@click.option("--name", prompt=True)
@click.option("--role", default="agent", show_default=True)
@click.password_option()
@click.pass_obj
def add_agent(config: Path | None, email: str, name: str, role: str, password: str) -> None:
    """Add somebody who works here."""
    from contact_center import operating

    settings = _settings(config)
    _run(settings, lambda: operating.add_agent(settings, email, name, role, password))
    click.echo(f"{email} can sign in as {role}")


@main.command("check-channel")
@click.argument("name", required=False)
@click.pass_obj
def check_channel(config: Path | None, name: str | None) -> None:
    """Really connect to one account, or to all, and say what is wrong."""
    from contact_center import operating

    settings = _settings(config)
    good = _run(settings, lambda: operating.check_channels(settings, name, click.echo))
    sys.exit(0 if good else 1)


@main.command("new-key")
@click.pass_obj
def new_key(config: Path | None) -> None:
    """Make a new master key when the old one is lost for good.

    Stored passwords cannot be opened any more and are forgotten: enter them anew in the console.
    """
    from contact_center import operating

    settings = _settings(config)
    forgotten = _run(settings, lambda: operating.new_key(settings))
    click.echo(f"made a new key; {forgotten} accounts need their passwords entered anew")


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--without-key", is_flag=True, help="Leave out the key that opens stored passwords.")
@click.pass_obj
def backup(config: Path | None, target: Path, *, without_key: bool) -> None:
    """Write everything to the archive TARGET (a file, or a folder to put one in).

    The center may run meanwhile. The archive holds what clients wrote and, unless left out, the
    key that opens stored passwords: keep it as safe as the center itself.
    """
    from contact_center import operating

    settings = _settings(config)
    done = _run(settings, lambda: operating.backup(settings, target, with_key=not without_key))
    click.echo(f"{done.path}: {done.rows} rows, {done.blobs} files, {done.size} bytes")
    if without_key:
        click.echo(f"keep {settings.data_dir / 'secret.key'} apart: a restore needs it")
    if done.lost_blobs:
        click.echo(f"{done.lost_blobs} files were missing or damaged and are not in it", err=True)
        sys.exit(1)


@main.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--check", is_flag=True, help="Only read the archive and say whether it is whole.")
@click.pass_obj
def restore(config: Path | None, source: Path, *, check: bool) -> None:
    """Restore the archive SOURCE into an empty data directory and an empty database.

    Messages that waited to be sent are held back for a person to decide; everybody signs in anew.
    """
    from contact_center import operating

    settings = _settings(config)
    if check:
        found = _explained(settings, lambda: operating.check_backup(source))
        rows, blobs = sum(found.manifest.rows.values()), found.manifest.blobs
        click.echo(f"whole: made {found.header.made_at}, {rows} rows, {blobs} files")
        return
    done = _run(settings, lambda: operating.restore(settings, source))
    click.echo(f"restored: {done.rows} rows, {done.blobs} files")
    click.echo(f"{done.held} messages that waited to be sent are held back for you to look at")
    if not done.has_key:
        click.echo(f"this backup has no key: put yours to {settings.data_dir / 'secret.key'} first")


@main.group("sample-data")
def sample_data() -> None:
    """Clients, tickets, articles and canned replies to look around with."""


@sample_data.command("add")
@click.pass_obj
def add_samples(config: Path | None) -> None:
    """Add the sample data; nothing is sent to anybody."""
    from contact_center import operating

    settings = _settings(config)
    added = _run(settings, lambda: operating.add_samples(settings))
    click.echo(f"added: {_listed(added)}")


@sample_data.command("remove")
@click.pass_obj
def remove_samples(config: Path | None) -> None:
    """Remove exactly what was added."""
    from contact_center import operating

    settings = _settings(config)
    removed = _run(settings, lambda: operating.remove_samples(settings))
    click.echo(f"removed: {_listed(removed.gone)}")
    if any(removed.kept.values()):
        click.echo(f"kept, since real work hangs on them: {_listed(removed.kept)}")


@main.command()
@click.argument(
    "scenario", type=click.Path(path_type=Path, exists=True, dir_okay=False), required=False
)
@click.option("--center", is_flag=True, help="This center: its queues, agents and past days.")
@click.option(
    "--past-days",
    type=click.IntRange(1, 56),
    default=14,
    show_default=True,
    help="With --center: how many days are looked back at.",
)
@click.option("--seed", type=click.IntRange(min=0), help="Another day of the same kind.")
@click.option("--days", type=click.IntRange(1, 100), help="How often the day is rehearsed.")
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON.")
@click.option("--show", is_flag=True, help="Only print the scenario, to be changed.")
@click.pass_obj
def simulate(
    config: Path | None,
    scenario: Path | None,
    *,
    center: bool,
    past_days: int,
    seed: int | None,
    days: int | None,
    as_json: bool,
    show: bool,
) -> None:
    """Rehearse a day on the router: waits, service level, and who is needed when.

    SCENARIO is a TOML or JSON file; without one, a built-in example is taken.
    """
    import time

    from msgspec.structs import replace

    from contact_center import simulating
    from routing.forecast.reading import example_text

    if center and scenario is not None:
        raise click.ClickException("give either a scenario or --center")
    if show and not center and scenario is None:
        click.echo(example_text(), nl=False)
        return
    if center:
        settings = _settings(config)
        told = _run(settings, lambda: simulating.from_center(settings, past_days, settings.zone))
    else:
        told = _refused(lambda: simulating.from_file(scenario))
    told = replace(told, seed=told.seed if seed is None else seed, days=days or told.days)
    if show:
        click.echo(simulating.shown(told))
        return
    started = time.perf_counter()
    found = _refused(lambda: simulating.rehearse_all(told, _counting(told.days)))
    if as_json:
        click.echo(simulating.as_json(found))
    else:
        simulating.print_report(found, told, time.perf_counter() - started, click.echo)


@main.command()
@click.pass_obj
def doctor(config: Path | None) -> None:
    """Look at everything that could be wrong and say what and how to mend it."""
    from contact_center import operating

    settings = _settings(config)
    good = _run(settings, lambda: operating.doctor(settings, click.echo))
    sys.exit(0 if good else 1)


def _listed(counts: Mapping[str, int]) -> str:
    found = [f"{count} × {kind.replace('_', ' ')}" for kind, count in counts.items() if count]
    return ", ".join(found) or "nothing"


def _greet(settings: Settings, token: str | None) -> None:
    click.echo(f"\n  The contact center is at {settings.public_url}", err=True)
    if token is not None:
        click.echo(
            f"  Nobody works here yet. Make the first account at\n"
            f"  {settings.public_url}/setup?token={token}\n",
            err=True,
        )


def _counting(days: int) -> Callable[[int], object]:
    """Count days on a terminal whose output goes elsewhere or comes late."""
    if days == 1 or not sys.stderr.isatty():
        return lambda _done: None
    return lambda done: click.echo(f"\rday {done} of {days}", err=True, nl=done == days)


def _refused(work: Callable[[], T]) -> T:
    try:
        return work()
    except CenterError as error:
        raise click.ClickException(error.message) from error


def _settings(config: Path | None) -> Settings:
    try:
        return load_settings(config)
    except CenterError as error:
        raise click.ClickException(error.message) from error


def _run(settings: Settings, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return _explained(settings, lambda: asyncio.run(work()))


def _explained(settings: Settings, work: Callable[[], T]) -> T:
    """Do it; a refusal is one sentence on the terminal and in the exit status, no traceback."""
    from contact_center.trouble import database_trouble

    try:
        with database_trouble(settings):
            return work()
    except CenterError as error:
        logging.getLogger(__name__).debug("refused", exc_info=error)
        raise click.ClickException(error.message) from error
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{named}{error.strerror or error}") from error
