"""Every bound of the house in one place, each with its unit in the name or the type."""

from datetime import timedelta
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# What comes in.
MAIL_BYTES: Final = 64 * MIB
MAIL_PARTS: Final = 200
MAIL_DEPTH: Final = 20
MAIL_HEADER_BLOCK_BYTES: Final = 256 * KIB
MAIL_HEADER_BYTES: Final = 16 * KIB
MAIL_REFERENCES: Final = 100
MAIL_PARSE_SECONDS: Final = 20.0
MAIL_PARSE_MEMORY_BYTES: Final = 1024 * MIB
HTML_BYTES: Final = 2 * MIB
HTML_TAGS: Final = 20_000
TEXT_CHARS: Final = 500_000
CHAT_TEXT_CHARS: Final = 8_000
JSON_BODY_BYTES: Final = 1 * MIB
UPLOAD_BYTES: Final = 25 * MIB
UPLOADS_PER_MESSAGE: Final = 20
FILE_NAME_CHARS: Final = 180
SUBJECT_CHARS: Final = 300
NAME_CHARS: Final = 120
RAW_INLINE_BYTES: Final = 64 * KIB

# Intake.
INTAKE_BATCH: Final = 256
INTAKE_WAITING: Final = 4_096
DELIVERY_ATTEMPTS: Final = 5

# The way out.
COURIER_BATCH: Final = 50
COURIER_LEASE: Final = timedelta(minutes=2)
COURIER_FIRST_WAIT: Final = timedelta(seconds=5)
COURIER_LONGEST_WAIT: Final = timedelta(minutes=30)
COURIER_GIVES_UP_AFTER: Final = timedelta(days=3)
COURIER_SEND_SECONDS: Final = 100.0
UNDO_WINDOW: Final = timedelta(seconds=5)

# Live screens.
LIVE_QUEUE_EVENTS: Final = 512
LIVE_REPLAY_EVENTS: Final = 2_000
LIVE_MESSAGE_BYTES: Final = 16 * KIB
LIVE_HEARTBEAT_SECONDS: Final = 25.0
LIVE_SEND_SECONDS: Final = 10.0

# Routing.
OFFER_TIMEOUT: Final = timedelta(seconds=30)
DECLINE_COOL_DOWN: Final = timedelta(seconds=60)
VANISHED_AFTER: Final = timedelta(seconds=60)

# People and sessions.
SESSION_IDLE: Final = timedelta(hours=12)
SESSION_LIFE: Final = timedelta(days=14)
SESSION_TOUCH: Final = timedelta(minutes=1)
PASSWORD_CHARS_MIN: Final = 10
PASSWORD_CHARS_MAX: Final = 256
SIGN_IN_TRIES_PER_ACCOUNT: Final = 10
SIGN_IN_TRIES_PER_ADDRESS: Final = 50
SIGN_IN_WINDOW: Final = timedelta(minutes=15)
SIGN_IN_TRIES_BY_STRANGERS: Final = 20
SIGN_IN_STRANGERS_WINDOW: Final = timedelta(hours=1)
SIGN_IN_KEYS: Final = 20_000
HASH_WORKERS: Final = 2
HASH_WAITING: Final = 32
SESSIONS_PER_AGENT: Final = 50
TOKENS_PER_AGENT: Final = 50
API_TOKEN_LIFE_MAX: Final = timedelta(days=730)
PRESENCE_REASON_CHARS: Final = 80
CAPACITY_MAX: Final = 100

# Clients.
HANDLE_CHARS: Final = 320
CLIENT_WORDS: Final = 8
CLIENT_WORD_CHARS: Final = 120
CLIENT_ATTRIBUTES: Final = 30
CLIENT_ATTRIBUTE_CHARS: Final = 1_000
CLIENT_PAGE_ROWS: Final = 200
MERGES_DEEP: Final = 20

# Pages.
PAGE_ROWS: Final = 50
PAGE_ROWS_MAX: Final = 200

# Search.
SEARCH_TEXT_CHARS: Final = 60_000
SEARCH_TERM_CHARS: Final = 40
SEARCH_TERMS: Final = 10_000
SEARCH_QUERY_CHARS: Final = 500
SEARCH_QUERY_WORDS: Final = 12
SEARCH_CANDIDATES: Final = 300
SEARCH_COUNTED: Final = 1_000
SEARCH_RESEMBLING_WORDS: Final = 64

# The outbound HTTP client.
HTTP_TOTAL_SECONDS: Final = 10.0
HTTP_ANSWER_BYTES: Final = 5 * MIB
HTTP_PORTS: Final = frozenset({80, 443, 8080, 8443})
HTTP_CONNECTIONS: Final = 100
HTTP_CONNECTIONS_PER_HOST: Final = 10
HTTP_REDIRECTS: Final = 3
HTTP_URL_CHARS: Final = 4_096
MAIL_PORTS: Final = frozenset({25, 143, 465, 587, 993, 2525})
DNS_SECONDS: Final = 5.0
HOST_ADDRESSES: Final = 8

# Loops that run as long as the server.
LOOP_FIRST_WAIT_SECONDS: Final = 1.0
LOOP_LONGEST_WAIT_SECONDS: Final = 60.0
LOOP_HOPELESS_WAIT_SECONDS: Final = 600.0
LOOP_STOP_SECONDS: Final = 10.0

# Mailboxes and the children that read mail.
MAIL_FETCH_UIDS: Final = 100
MAIL_FETCH_BYTES: Final = 8 * MIB
MAIL_CUT_BYTES: Final = 1 * MIB
MAIL_CONNECT_SECONDS: Final = 20.0
MAIL_COMMAND_SECONDS: Final = 60.0
MAIL_TRANSFER_SECONDS: Final = 300.0
MAIL_IDLE_SECONDS: Final = 240.0
MAIL_POLL_SECONDS: Final = 30.0
GUEST_ANSWER_BYTES: Final = 256 * MIB
GUEST_IDLE_SECONDS: Final = 60.0

# The log.
LOG_VALUE_CHARS: Final = 500
LOG_ITEMS: Final = 20
LOG_FRAMES: Final = 30
LOG_CAUSES: Final = 5
LOG_SECRETS: Final = 1_000
