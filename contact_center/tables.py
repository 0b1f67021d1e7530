"""Every table in the house, gathered so that migrations and tests see the whole schema."""

from channels import tables as channel_tables
from channels.webchat import tables as chat_tables
from clients import tables as client_tables
from kernel import journal
from kernel.tables import Table
from routing import tables as routing_tables
from staff import tables as staff_tables
from tickets import tables as ticket_tables

ROOMS = (
    journal,
    channel_tables,
    chat_tables,
    client_tables,
    routing_tables,
    staff_tables,
    ticket_tables,
)
metadata = Table.metadata
