"""Feedback: what the visitors of a site say of the service they got.

``model`` holds the pure rules; ``following``, ``answering`` and ``asking`` are the use cases;
``api`` and ``pages`` are the edges, ``server`` and ``cli`` put them together.
"""
