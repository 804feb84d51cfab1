"""The edge to people: the rating pages and their API."""
