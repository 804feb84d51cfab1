GRANT SELECT, UPDATE ON inbox_cursor TO ticketing_app;
