GRANT SELECT, UPDATE ON inbox_cursor TO feedback_app;
