"""How the server is doing: alive, ready, and its figures for Prometheus."""

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    generate_latest,
)

from kernel.errors import CenterError
from kernel.journal import last_seq
from routing import queries
from web.hooks import TALLY
from web.house import HOUSE
from web.routes import give


async def healthz(_request: web.Request) -> web.Response:
    """The process runs and answers."""
    return give({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """The database answers and no loop is broken: send us traffic."""
    house = request.app[HOUSE]
    try:
        async with house.database.reading() as session:
            await last_seq(session)
    except CenterError:
        return give({"status": "unavailable", "why": "database"}, status=503)
    broken = [loop.name.split()[0] for loop in house.supervisor.health() if loop.state != "running"]
    return give({"status": "degraded" if broken else "ready", "loops": sorted(set(broken))})


async def metrics(request: web.Request) -> web.Response:
    """Figures for Prometheus; no names, no addresses."""
    house = request.app[HOUSE]
    registry = CollectorRegistry()
    consoles = Gauge("contact_center_consoles", "open consoles", registry=registry)
    consoles.set(len(house.hub.present()))
    journal = Gauge("contact_center_journal_seq", "last journal entry told", registry=registry)
    journal.set(house.feed.seq)
    waiting_intake = Gauge(
        "contact_center_intake_waiting", "deliveries waiting for their commit", registry=registry
    )
    waiting_intake.set(house.intake.waiting)
    refused = Counter(
        "contact_center_hooks_refused", "calls that proved nothing", ["channel"], registry=registry
    )
    for channel, count in request.app[TALLY].refused.items():
        refused.labels(channel).inc(count)
    waiting = Gauge(
        "contact_center_contacts_waiting", "contacts waiting", ["queue"], registry=registry
    )
    oldest = Gauge(
        "contact_center_oldest_wait_seconds", "longest wait now", ["queue"], registry=registry
    )
    now = house.clock.now()
    async with house.database.reading() as session:
        for queue_id, figures in (await queries.queue_figures(session)).items():
            waiting.labels(str(queue_id)).set(figures.waiting)
            age = (now - figures.oldest).total_seconds() if figures.oldest else 0
            oldest.labels(str(queue_id)).set(age)
    return web.Response(
        body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
    )


ROUTES = [
    web.get("/healthz", healthz),
    web.get("/readyz", readyz),
    web.get("/metrics", metrics),
]
