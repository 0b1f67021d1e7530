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
BLOB_SYNCS_AT_ONCE: Final = 8

# Intake.
INTAKE_BATCH: Final = 256
LAST_IN_EVERY: Final = timedelta(seconds=10)
"""By so much what an account says of its last delivery may lag behind."""
INTAKE_WAITING: Final = 4_096
DELIVERY_ATTEMPTS: Final = 5

# Webhooks.
HOOK_BYTES: Final = 1 * MIB
HOOK_HEADER_CHARS: Final = 1_024

# Telegram, as its Bot API says.
TELEGRAM_TEXT_CHARS: Final = 4_096
"""Of one message."""
TELEGRAM_CAPTION_CHARS: Final = 1_024
TELEGRAM_FILES: Final = 10
TELEGRAM_PHOTO_BYTES: Final = 10 * MIB
TELEGRAM_UPLOAD_BYTES: Final = 50 * MIB
TELEGRAM_DOWNLOAD_BYTES: Final = 20 * MIB
TELEGRAM_UPDATES: Final = 100
TELEGRAM_SPANS: Final = 100
"""So many stretches of a text may look different from the rest; what is beyond is ignored."""
TELEGRAM_PRESS_BYTES: Final = 64
"""What a button can carry besides its words."""
TELEGRAM_TYPING: Final = timedelta(seconds=5)
"""So long a chat shows that somebody writes, as the other messengers' do."""
# What we choose ourselves.
TELEGRAM_ANSWER_BYTES: Final = 32 * MIB
TELEGRAM_POLL_SECONDS: Final = 25
TELEGRAM_CALL_SECONDS: Final = 20.0
TELEGRAM_UPLOAD_SECONDS: Final = 90.0
TELEGRAM_FILE_SECONDS: Final = 60.0
TELEGRAM_FILE_TRIES: Final = 3
TELEGRAM_FILE_WAIT_SECONDS: Final = 2.0
TELEGRAM_LONG_CHARS: Final = 4 * TELEGRAM_TEXT_CHARS
"""Of an answer, which leaves as several messages."""
TELEGRAM_PART_TRIES: Final = 3
TELEGRAM_PART_WAIT_SECONDS: Final = 2.0
TELEGRAM_PART_PATIENCE_SECONDS: Final = 30.0
"""Longer pauses in the midst of an answer leave the rest of it to an agent."""
TELEGRAM_COURTESY_SECONDS: Final = 3.0
"""What only looks better, such as a button that stops spinning, holds up nothing for longer."""
TELEGRAM_ALBUM_SECONDS: Final = 1.0
TELEGRAM_ALBUM_LOOKS: Final = 3
TELEGRAM_LOOK_SECONDS: Final = 300.0
TELEGRAM_RATE: Final = 30.0
"""So many messages a bot may send each second (“Bots FAQ”, Broadcasting to Users)."""
TELEGRAM_CHAT_RATE: Final = 1.0
"""And so many in one chat."""
TELEGRAM_CONTESTED_SECONDS: Final = 30.0
"""Longer than one poll: a poll of our own that broke off may still be open at Telegram."""
TELEGRAM_CONTESTED_PAUSE_SECONDS: Final = 2.0
TELEGRAM_OFFSET_TRUSTED: Final = timedelta(days=5)
"""After a week without an update its ids may begin anew anywhere."""

# Messengers whose provider calls us; what we choose ourselves.
HOOKED_CALL_SECONDS: Final = 20.0
HOOKED_UPLOAD_SECONDS: Final = 60.0
HOOKED_ANSWER_BYTES: Final = 64 * KIB
HOOKED_FILE_BYTES: Final = 25 * MIB
HOOKED_FILE_SECONDS: Final = 10.0
HOOKED_FILE_TRIES: Final = 2
HOOKED_FILE_WAIT_SECONDS: Final = 1.0
HOOKED_FILE_HOSTS: Final = 20
HOOKED_LOOK_SECONDS: Final = 300.0
HOOKED_SETTLE_SECONDS: Final = 5.0
HOOKED_SETTLE_LOOKS: Final = 10
HOOKED_PROFILES: Final = 10_000
HOOKED_PROFILE_SECONDS: Final = 3.0
HOOKED_PROFILE_KEPT_SECONDS: Final = 86_400.0
HOOKED_PROFILE_MISSED_SECONDS: Final = 60.0
"""After a failure a name is not asked for again before; messages do not wait for it."""

# Viber, as its bot API says.
VIBER_TEXT_CHARS: Final = 7_000
VIBER_SENDER_CHARS: Final = 28
VIBER_FILE_BYTES: Final = 50 * MIB
VIBER_FILE_NAME_CHARS: Final = 255
VIBER_PICTURE_BYTES: Final = 1 * MIB
# What we choose ourselves.
VIBER_PAUSE_SECONDS: Final = 2.0

# Messenger and Instagram, as Meta's Graph API says.
META_TEXT_CHARS: Final = 2_000
INSTAGRAM_TEXT_BYTES: Final = 1_000
META_FILE_BYTES: Final = 25 * MIB
META_CHOICE_CHARS: Final = 20
META_REPLY_DAYS: Final = 7
"""For a person's answer, with the tag HUMAN_AGENT; 24 hours without."""
# What we choose ourselves.
META_PAUSE_SECONDS: Final = 30.0
META_TYPING: Final = timedelta(seconds=20)
READ_AT_ONCE: Final = 100
HINTS_WAITING: Final = 1_000
SEEN_SECONDS: Final = 10.0
SEEN_REMEMBERED: Final = 10_000
"""Tickets of which we know what their client was last shown as read."""
TYPING_SECONDS: Final = 4.0
TYPING_REST_SECONDS: Final = 60.0
"""So long a provider is left in peace that would not show that somebody writes."""
TYPING_REMEMBERED: Final = 10_000
READ_CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""How far a provider's clock may be from ours when it says until when somebody has read."""

# WhatsApp's Cloud API, as its documentation says.
WHATSAPP_TEXT_CHARS: Final = 4_096
WHATSAPP_CAPTION_CHARS: Final = 1_024
WHATSAPP_PICTURE_BYTES: Final = 5 * MIB
"""A larger one goes as a document."""
WHATSAPP_FILE_BYTES: Final = 16 * MIB
WHATSAPP_WINDOW: Final = timedelta(hours=24)
WHATSAPP_RATE: Final = 80.0
WHATSAPP_RATE_MAX: Final = 1_000.0
WHATSAPP_BUTTONS: Final = 3
WHATSAPP_BUTTON_CHARS: Final = 20
WHATSAPP_ROWS: Final = 10
WHATSAPP_ROW_CHARS: Final = 24
WHATSAPP_BUTTONS_TEXT_CHARS: Final = 1_024
# What we choose ourselves.
WHATSAPP_PAUSE_SECONDS: Final = 10.0
WHATSAPP_TYPING: Final = timedelta(seconds=25)

# Templates, of every provider alike; what we choose ourselves.
TEMPLATES: Final = 1_000
"""Kept of one account."""
TEMPLATE_PAGE: Final = 100
TEMPLATE_PAGE_BYTES: Final = 4 * MIB
TEMPLATE_CHARS: Final = 4_096
TEMPLATE_VARIABLES: Final = 50
TEMPLATE_VALUE_CHARS: Final = 1_000
TEMPLATES_LOOK_SECONDS: Final = 21_600.0

# LINE, as its Messaging API says.
LINE_TEXT_CHARS: Final = 5_000
LINE_CHOICE_CHARS: Final = 20
LINE_PICTURES: Final = 4
"""Beside a text, since one request carries five messages."""
LINE_PICTURE_BYTES: Final = 1_000_000
"""Of the preview, which is the picture itself."""
# What we choose ourselves.
LINE_LENT_FILE: Final = timedelta(days=30)
LINE_TYPING: Final = timedelta(seconds=20)
"""A multiple of five seconds, at most sixty."""
"""Phones may load a picture when the chat is looked at."""

# The custom channel, whose protocol is ours.
CUSTOM_TEXT_CHARS: Final = 20_000
CUSTOM_FILES: Final = 10
CUSTOM_FILE_BYTES: Final = 10 * MIB
CUSTOM_ALL_FILES_BYTES: Final = 20 * MIB
CUSTOM_NAME_CHARS: Final = 500
CUSTOM_SECRET_CHARS: Final = 32
CUSTOM_CLOCK_DIFFERENCE: Final = timedelta(minutes=5)
"""How far a call's timestamp may be from our clock; a replay after it is refused."""

# Twilio, as its documentation says.
TWILIO_TEXT_CHARS: Final = 1_600
TWILIO_FILES: Final = 10
TWILIO_FILE_BYTES: Final = 5 * MIB
TWILIO_WHATSAPP_FILES: Final = 1
TWILIO_WHATSAPP_FILE_BYTES: Final = 16 * MIB
TWILIO_FILES_IN: Final = 10
TWILIO_RATE_MAX: Final = 1_000.0
# What we choose ourselves.
TWILIO_ANSWER_BYTES: Final = 16 * MIB
TWILIO_CALL_SECONDS: Final = 20.0
TWILIO_FILE_IN_BYTES: Final = 20 * MIB
TWILIO_FILE_SECONDS: Final = 30.0
TWILIO_FILE_TRIES: Final = 3
TWILIO_FILE_WAIT_SECONDS: Final = 1.0
PACE_SECONDS: Final = 30.0
"""What one message waits for its turn at most while it is in the courier's hands."""
PACE_KEYS: Final = 1_000
"""So many chats with a pace of their own are kept before those at rest are forgotten."""
TWILIO_LISTED: Final = 20_000
TWILIO_RECALL_ROWS: Final = 100
TWILIO_RECALL_SLACK: Final = timedelta(minutes=10)
"""How far the provider's clock may be from ours."""
TWILIO_LOOK_SECONDS: Final = 60.0
TWILIO_ASK_SECONDS: Final = 10.0
TWILIO_LOOK_AGE: Final = timedelta(seconds=60)
TWILIO_LOOK_BACK: Final = timedelta(days=30)
TWILIO_LOOK_OVERLAP: Final = timedelta(minutes=10)
TWILIO_LOOK_STEP: Final = timedelta(minutes=10)
TWILIO_LOOK_CHUNK: Final = 20
TWILIO_TOLD_SECONDS: Final = 600.0
TWILIO_TOLD_BACK: Final = timedelta(hours=2)
LENT_FILE: Final = timedelta(hours=11)
"""Twilio may keep a message for ten hours before it fetches the files."""

# The way out.
COURIER_BATCH: Final = 50
COURIER_AT_ONCE: Final = 8
"""So many messages of one account are on their way at once, where its channel allows that."""
COURIER_LEASE: Final = timedelta(seconds=30)
COURIER_RENEW_SECONDS: Final = 10.0
COURIER_FIRST_WAIT: Final = timedelta(seconds=5)
COURIER_LONGEST_WAIT: Final = timedelta(minutes=30)
COURIER_GIVES_UP_AFTER: Final = timedelta(days=3)
COURIER_SEND_SECONDS: Final = 100.0
COURIER_RECALL_WAIT: Final = timedelta(seconds=30)
"""So long a message whose answer was lost may take to stand in its provider's list."""
UNDO_WINDOW: Final = timedelta(seconds=5)
SEND_LATER_LONGEST: Final = timedelta(days=366)
LATER_BATCH: Final = 100

# Live screens.
LIVE_AHEAD_BYTES: Final = 16 * 1024
"""So much may wait in a socket before what is said to it waits in its queue."""
LIVE_QUEUE_EVENTS: Final = 512
LIVE_REPLAY_EVENTS: Final = 2_000
LIVE_MESSAGE_BYTES: Final = 16 * KIB
LIVE_HEARTBEAT_SECONDS: Final = 25.0
LIVE_SEND_SECONDS: Final = 10.0
LIVE_TICKETS_SHOWN: Final = 4
"""Tickets that one console shows side by side at most."""
SOCKET_GOODBYE_SECONDS: Final = 2.0

# Routing.
OFFER_TIMEOUT: Final = timedelta(seconds=30)
DECLINE_COOL_DOWN: Final = timedelta(seconds=60)
VANISHED_AFTER: Final = timedelta(seconds=60)
OVERFLOW_HOPS: Final = 8
QUEUE_RINGS: Final = 6
SKILLS_ASKED: Final = 20
SKILL_LEVEL_MAX: Final = 10
ROUTING_SECONDS_MAX: Final = 30 * 86_400
CALENDAR_DAYS_AHEAD: Final = 14
PREVIEW_CONTACTS: Final = 1_000
PREVIEW_NAMED: Final = 20
DISPOSITION_NOTE_CHARS: Final = 2_000
CONTACTS_AT_ONCE: Final = 100
CALLBACK_LATEST: Final = timedelta(days=60)
CALLBACK_NOTE_CHARS: Final = 500
CALLBACKS_SHOWN: Final = 200
"""Steered with one request, one after the other."""
ROUTING_LEASE: Final = timedelta(seconds=10)
ROUTING_RENEW_SECONDS: Final = 3.0

# Figures of the floor, and its alerts.
ABANDONED_EARLY: Final = timedelta(seconds=5)
TALLY_ENTRIES: Final = 200
TALLY_GATHER_SECONDS: Final = 1.0
TALLY_TICK_SECONDS: Final = 60.0
TALLY_WAIT_SECONDS: Final = 2.0
REPORT_ROWS: Final = 1_000
REPORT_CSV_ROWS: Final = 20_000
REPORT_DAYS: Final = 400
THRESHOLDS: Final = 500
ALERT_LOOK_SECONDS: Final = 5.0
ALERT_ENDS_AFTER: Final = timedelta(seconds=30)
ALERT_CONTACTS_LOOKED_AT: Final = 20
LOST_LOOKED_AT: Final = 50
"""Contacts of each queue that are looked at for who nobody can serve."""
ALERT_SERVICE_LEVEL_SPAN: Final = timedelta(minutes=30)
ALERT_MAILS: Final = 20

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
PRESENCE_NOTE_CHARS: Final = 500
CAPACITY_MAX: Final = 100

# Clients.
HANDLE_CHARS: Final = 320
CLIENT_WORDS: Final = 8
CLIENT_WORD_CHARS: Final = 120
CLIENT_ATTRIBUTES: Final = 30
CLIENT_ATTRIBUTE_CHARS: Final = 1_000
LIKELY_CLIENTS: Final = 5
"""Others who may be the same person, shown beside a client."""
CLIENT_PAGE_ROWS: Final = 200
MERGES_DEEP: Final = 20

# Pages.
ACCOUNT_TROUBLES_LOOKED_AT: Final = 200
"""Newest failures, of all accounts together, from which each account's own are shown."""
ACCOUNT_TROUBLES_SHOWN: Final = 5
PAGE_ROWS: Final = 50
PAGE_ROWS_MAX: Final = 200

# Views, and many tickets at once.
VIEW_DEPTH: Final = 4
VIEW_RULES: Final = 40
VIEW_WORDS: Final = 200
VIEW_VALUES: Final = 50
VIEWS_PER_AGENT: Final = 50
VIEW_COUNTED: Final = 1_000
CHANGES_AT_ONCE: Final = 200
UNREAD_COUNTED: Final = 99
SNOOZE_LONGEST: Final = timedelta(days=366)
SNOOZE_BATCH: Final = 100

# Notifications.
NOTIFIED_WITHIN: Final = timedelta(days=1)
DIGEST_WITHIN: Final = timedelta(days=7)
DIGEST_LINES: Final = 50
PUSH_SUBSCRIPTIONS_PER_AGENT: Final = 10
BROWSER_CHARS: Final = 300
PUSH_BATCH: Final = 50
PUSH_TRIES: Final = 5
PUSH_LEASE: Final = timedelta(minutes=1)
PUSH_FIRST_WAIT: Final = timedelta(seconds=5)
PUSH_LIFE: Final = timedelta(days=1)
PUSH_OFFER_LIFE: Final = timedelta(minutes=1)
PUSH_ANSWER_BYTES: Final = 64 * KIB
PUSH_DETAIL_CHARS: Final = 300
NOTIFICATIONS_KEPT: Final = timedelta(days=90)
TIME_ZONE_CHARS: Final = 64

# The history of settings.
SETTING_CHARS: Final = 500

# Search.
SEARCH_TEXT_CHARS: Final = 60_000
SEARCH_TERM_CHARS: Final = 40
SEARCH_TERMS: Final = 10_000
SEARCH_QUERY_CHARS: Final = 500
SEARCH_QUERY_WORDS: Final = 12
SEARCH_CANDIDATES: Final = 300
SEARCH_COUNTED: Final = 1_000
SEARCH_RESEMBLING_WORDS: Final = 64

# Knowledge base.
ARTICLE_CHARS: Final = 200_000
ARTICLE_SUGGESTIONS: Final = 5
ARTICLE_REVISIONS_PAGE: Final = 50

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
LOOP_OUTAGE_WAIT_SECONDS: Final = 2.0
LOOP_HOPELESS_WAIT_SECONDS: Final = 600.0
LOOP_STOP_SECONDS: Final = 10.0
LOOP_LONGEST_REST_SECONDS: Final = 30.0

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

# Web chat.
CHAT_FRAME_BYTES: Final = 128 * KIB
CHAT_PAGE_MESSAGES: Final = 50
CHAT_CATCH_UP_ENTRIES: Final = 500
CHAT_CATCH_UP_TICKETS: Final = 100
CHAT_SEAT_FRAMES: Final = 128
CHAT_SEATS_PER_VISITOR: Final = 10
CHAT_SEATS: Final = 20_000
CHAT_HELLO_SECONDS: Final = 10.0
CHAT_SEND_SECONDS: Final = 10.0
CHAT_HEARTBEAT_SECONDS: Final = 40.0
CHAT_VISITORS_CACHED: Final = 20_000
CHAT_VISITOR_CACHED_SECONDS: Final = 60.0
CHAT_SEEN_EVERY_SECONDS: Final = 15.0
CHAT_USER_IDLE: Final = timedelta(days=14)
CHAT_VISITOR_IDLE: Final = timedelta(days=365)
CHAT_UPLOAD_BYTES: Final = 10 * MIB
CHAT_UPLOADS_PER_MESSAGE: Final = 5
CHAT_UPLOADS_PER_HOUR: Final = 40
CHAT_UPLOAD_BYTES_PER_HOUR: Final = 300 * MIB
CHAT_UPLOAD_KEPT: Final = timedelta(days=1)
CHAT_PACE_KEYS: Final = 50_000
CHAT_CHALLENGE_BITS: Final = 15
CHAT_CHALLENGE_BITS_MAX: Final = 20
CHAT_CHALLENGE_SECONDS: Final = 120.0
CHAT_CHALLENGES_SPENT: Final = 20_000
CHAT_FLOOD_LASTS_SECONDS: Final = 600.0
CHAT_FLOOD_WIDGETS: Final = 1_000
CHAT_CONVERSATIONS: Final = 20
RATING_COMMENT_CHARS: Final = 2_000
CHAT_ARTICLES_FOUND: Final = 6
CHAT_ARTICLE_QUERY_CHARS: Final = 200
CHAT_ARTICLE_DEPTH: Final = 30
CHAT_ARTICLE_NODES: Final = 5_000
CHAT_ARTICLES_KNOWN_SECONDS: Final = 60.0
CHAT_CHOICES: Final = 6
QUICK_CHOICES: Final = 10
"""Under one answer, on whichever channel."""
CHOICE_CHARS: Final = 60
CHAT_ATTRIBUTES: Final = 20
CHAT_ATTRIBUTE_CHARS: Final = 200
CHAT_IDENTITY_LIFE: Final = timedelta(hours=1)
CHAT_IDENTITY_CHARS: Final = 4_096
CHAT_IDENTITY_SECRET_CHARS_MIN: Final = 32
CHAT_CONTINUES_AFTER: Final = timedelta(minutes=5)
CHAT_CONTINUES_WITHIN: Final = timedelta(days=2)

# Days that are rehearsed: what if there were two more agents?
REHEARSAL_DAYS: Final = 100
REDIALS: Final = 10
"""How often a rehearsed client calls again at most."""
REHEARSAL_LINES: Final = 500
REHEARSAL_AGENTS: Final = 2_000
REHEARSAL_ARRIVALS: Final = 500_000
REHEARSAL_DAYS_ONLINE: Final = 10
REHEARSAL_ARRIVALS_ONLINE: Final = 30_000
REHEARSAL_SECONDS: Final = 60.0
REHEARSAL_MEMORY_BYTES: Final = 1024 * MIB
REHEARSAL_LOOK_SECONDS: Final = 0.5
REHEARSAL_PAST_DAYS: Final = 56
REHEARSAL_PAST_CONTACTS: Final = 200_000
STAFFING_AGENTS: Final = 10_000

# The telephone.
VOICE_ANSWER_SECONDS: Final = 10.0
"""Within so long a webhook of a call is answered; the provider goes elsewhere after 15."""
VOICE_LOOK_SECONDS: Final = 60.0
VOICE_REBUILD_SECONDS: Final = 20.0
VOICE_LISTED: Final = 1_000
VOICE_RING_SECONDS: Final = 25
VOICE_PASS_LIFE: Final = timedelta(hours=1)
VOICE_RING_SECONDS_MAX: Final = 120
VOICE_CALL_SECONDS: Final = 4 * 3600
VOICE_TEXT_CHARS: Final = 1_000
FLOW_ANSWER_CHARS: Final = 200
FLOW_LABEL_CHARS: Final = 60
FLOW_SERVES: Final = 100
"""So many messenger accounts share one flow."""
VOICE_NODES: Final = 200
VOICE_CHOICES: Final = 12
VOICE_DIGITS_TRIED: Final = 100
VOICE_STEPS: Final = 100
VOICE_TRIES: Final = 3
VOICE_DTMF: Final = 40
VOICE_PARTIES: Final = 6
VOICE_VOICEMAIL_SECONDS: Final = 180
VOICE_VOICEMAIL_SECONDS_MAX: Final = 600
VOICE_RECORDING_BYTES: Final = 200 * MIB
VOICE_RECORDING_SECONDS: Final = 60.0
VOICE_FETCH_TRIES: Final = 8
VOICE_DIAL_TRIES: Final = 3
VOICE_DIAL_SECONDS: Final = 1.0
VOICE_FETCH_WAIT: Final = timedelta(seconds=10)
VOICE_CALLBACKS_A_DAY: Final = 3
VOICE_CALLS_A_DAY: Final = 500
VOICE_MINUTES_A_DAY: Final = 3_000
MESSAGES_A_DAY: Final = 10_000
"""Segments of SMS, or messages of WhatsApp, that leave a Twilio number within 24 hours."""
SPENDING_ALERT_PERCENT: Final = 80
VOICE_COUNTRIES: Final = 250
VOICE_SETTLED: Final = timedelta(seconds=20)
"""A leg that its provider does not know after so long was never dialled, or is over."""
VOICE_RECORDING_READY: Final = timedelta(days=1)
"""So long after a call its provider may work on what was recorded; then nothing comes of it."""
