GRANT EXECUTE ON FUNCTION prepare_outbox, drop_old_outbox TO feedback_app;
