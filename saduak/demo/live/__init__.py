"""The present: the country goes on at a human pace, through the services' HTTP APIs only.

Time runs ``speed`` times as fast as the scenario's. It goes on outside office hours too: a demo
is looked at when it is looked at.
"""
