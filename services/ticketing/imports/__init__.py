"""A queue system's past becomes the same events: profile, rows, report, import."""
