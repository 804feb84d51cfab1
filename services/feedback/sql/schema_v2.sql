-- What healing after a restore may change: the numbers of what was not sent yet.
GRANT UPDATE (epoch, sequence) ON outbox TO feedback_app;
GRANT SELECT, INSERT, UPDATE ON restored_day TO feedback_app;
-- A supervisor looks into both services' days at once, on ticketing's page.
GRANT SELECT ON doubtful_day TO ticketing_app;
