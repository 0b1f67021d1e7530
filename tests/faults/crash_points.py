"""Every named moment at which a test ends the process; the code has these and no others."""

from typing import Final

CRASH_POINTS: Final = (
    "blobs.after_writing_before_naming",
    "courier.after_lease_before_sending",
    "courier.after_sending_before_settling",
    "courier.before_commit",
    "database.after_commit_before_telling",
    "database.before_commit",
    "dispatch.after_commit",
    "dispatch.before_commit",
    "indexer.before_commit",
    "intake.after_commit_before_ack",
    "intake.after_files_before_rows",
    "intake.after_reading_before_files",
    "intake.before_commit",
    "mail.after_delivery_before_marking",
    "replies.after_promise_before_commit",
    "tally.before_commit",
)
"""Passed by whoever writes and answers: the kill test dies at each of them."""

MOMENTS: Final = ("later.before_commit", "waker.before_commit", "watch.before_commit")
"""Passed when a moment comes that somebody chose; test_moments.py dies at each of them."""

TELEGRAM: Final = ("telegram.after_delivery_before_confirming",)
"""Passed when a bot's messages come; test_telegram.py dies at it."""

TELEPHONE: Final = (
    "telephone.after_claim_before_dialling",
    "telephone.after_commit_before_answering",
    "telephone.after_dialling_before_noting",
    "telephone.after_fetching_before_keeping",
    "telephone.after_holding_before_noting",
    "telephone.after_joining_before_noting",
    "telephone.after_recording_before_noting",
    "telephone.before_commit",
    "telephone.told.before_commit",
)
"""Passed by a call; test_calls.py dies at each of them."""

ONCE_A_PARCEL: Final = frozenset({"mail.after_delivery_before_marking"})
"""Passed once for many mails together, so a life may not see it a second time."""
