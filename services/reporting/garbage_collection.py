"""How the interpreter's search for cycles is set for work on many events."""

import gc

YOUNG_OBJECTS = 100_000
"""A little more than a batch makes, so that most are free again before a search is due. Not much
more: the messages themselves are in cycles and wait for it."""


def expect_many_objects() -> None:
    """Search for cycles seldom, and never among what is there already.

    A batch is some hundred thousand short-lived objects without cycles: at the default pace, the
    search takes as much time as the batch itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
