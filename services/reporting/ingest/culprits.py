"""A message on which the ingest fails, as it is kept apart and told of. Pure."""

from traceback import walk_tb

from services.reporting.ingest.messages import Reason, Record, Refusal, sort

FAULTS_AT_MOST = 10
"""How many such messages of one topic are set apart until somebody has settled them: with more it
is no longer one message, and the stream is stopped instead."""

ROOMS = frozenset({"libs", "services"})


def told(error: Exception) -> str:
    """What a person is told of ``error``: its type and the place in this program, and of a table's
    rule its name; never what the message holds."""
    constraint = getattr(error, "constraint_name", None)
    rule = f" ({constraint})" if constraint else ""
    places = [
        f"{name}, line {line}"
        for frame, line in walk_tb(error.__traceback__)
        if (name := str(frame.f_globals.get("__name__"))).split(".")[0] in ROOMS
    ]
    return f"{type(error).__name__}{rule} in {places[-1] if places else 'the ingest'}"


def culprit(record: Record, error: Exception) -> Refusal:
    """The refusal of the message that raised ``error``; with its place, where that can be read."""
    try:
        (found,) = sort([record]).found
    except Exception as unread:
        return Refusal(record, Reason.FAULT, told(unread))
    if isinstance(found, Refusal):
        return found._replace(reason=Reason.FAULT, detail=f"{told(error)}, with {found.reason}")
    run, sequence = found.key
    detail = f"{told(error)}, with {found.header.type}, epoch {run.epoch}, sequence {sequence}"
    return Refusal(record, Reason.FAULT, detail, found.key, found.header.serviceday)


def too_many(record: Record, error: Exception, kept: int) -> str:
    """Why the stream of ``record`` is stopped."""
    return (
        f"the ingest fails on messages of {record.topic}: {kept} are in quarantine for it, the "
        f"next is at offset {record.offset}: {told(error)}. A developer must mend that; the stream "
        "is tried again every ten minutes"
    )


def all_fail(record: Record, error: Exception) -> str:
    """Why the stream of ``record`` is stopped together with all others."""
    return (
        f"the ingest fails on every stream, on {record.topic} at offset {record.offset}: "
        f"{told(error)}. A developer must mend that; the stream is tried again every ten minutes"
    )
