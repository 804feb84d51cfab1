"""The edge to people: pages, the JSON API, live streams."""
