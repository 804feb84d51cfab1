"""How the interpreter's search for cycles is set for work on many events."""

import gc

YOUNG_OBJECTS = 200_000
"""More than a batch makes: all of a batch is free again before a search is due."""


def expect_many_objects() -> None:
    """Search for cycles seldom, and never among what is there already.

    A batch is some hundred thousand short-lived objects without cycles: at the default pace, the
    search takes as much time as the batch itself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
