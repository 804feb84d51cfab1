"""The dashboards of the centre, described here and written as Grafana's JSON."""
