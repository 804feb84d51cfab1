-- A supervisor reads both services' logs at once, on ticketing's page.
GRANT SELECT ON audit_log TO ticketing_app;
