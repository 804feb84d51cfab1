"""PostgreSQL for every service: pools, statements, troubles, migrations."""
