"""Every table in the house, gathered so that migrations and tests see the whole schema."""

from channels import tables as channel_tables
from channels.voice import tables as voice_tables
from channels.webchat import tables as webchat_tables
from clients import tables as client_tables
from desk import tables as desk_tables
from kernel import bookmarks, journal, leases, setting_changes
from kernel.tables import Table
from knowledge_base import tables as knowledge_tables
from routing import tables as routing_tables
from staff import tables as staff_tables
from supervision import tables as supervision_tables
from tickets import searching
from tickets import tables as ticket_tables

ROOMS = (
    journal,
    bookmarks,
    leases,
    setting_changes,
    channel_tables,
    voice_tables,
    webchat_tables,
    client_tables,
    desk_tables,
    knowledge_tables,
    routing_tables,
    staff_tables,
    supervision_tables,
    ticket_tables,
    searching,
)
metadata = Table.metadata
