"""What a floor is judged by, from its counts. Pure; a figure without a base is None.

Service level: answered within the target, of all that entered except who left within a few seconds
and who still may be answered in time. For a period that is over this is A_T / (N - b). Who is to be
called back has flowed out of the queue when asking, and counts there; the callback is a visit of
its own, outside of the service level.
"""

from supervision.counts import AgentCounts, QueueCounts


def service_level(counts: QueueCounts, *, still_in_time: int = 0) -> float | None:
    """Percent of contacts answered within the target; `still_in_time` wait, not yet too long."""
    came = counts.offered - counts.callbacks
    decided = came - counts.short_abandoned - still_in_time
    return _percent(counts.within_target, decided)


def asa_seconds(counts: QueueCounts) -> float | None:
    """Average speed of answer: from entering the queue to an agent, ringing included; without
    those who were called back.
    """
    return _mean_seconds(counts.answered_wait_ms, counts.answered - counts.callbacks_answered)


def callback_seconds(counts: QueueCounts) -> float | None:
    """How long who was called back had waited, in the mean, the time on the line included."""
    return _mean_seconds(counts.callback_wait_ms, counts.callbacks_answered)


def abandon_seconds(counts: QueueCounts) -> float | None:
    """How long those who gave up had waited, in the mean."""
    return _mean_seconds(counts.abandoned_wait_ms, counts.abandoned)


def aht_seconds(counts: QueueCounts | AgentCounts) -> float | None:
    """Average handle time: in an agent's hands, wrap-up included."""
    return _mean_seconds(counts.handle_ms, counts.handled)


def occupancy(counts: AgentCounts) -> float | None:
    """Percent of their time with a contact in hand, of that and the time free for one."""
    return _percent(counts.busy_ms, counts.busy_ms + counts.idle_ms)


def _percent(part: int, whole: int) -> float | None:
    return None if whole <= 0 else round(100 * part / whole, 1)


def _mean_seconds(total_ms: int, count: int) -> float | None:
    return None if count <= 0 else round(total_ms / count / 1_000, 1)
