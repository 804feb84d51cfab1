"""The tables that Grafana reads, kept true."""
