"""The figures made anew from the events, and held against the sites."""
