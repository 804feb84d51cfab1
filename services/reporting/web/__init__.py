"""The public pages and the JSON API."""
