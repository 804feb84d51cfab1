-- What healing after a restore may change: the numbers of what was not sent yet.
GRANT UPDATE (epoch, sequence) ON outbox TO ticketing_app;
GRANT SELECT, INSERT, UPDATE ON restored_day TO ticketing_app;
GRANT SELECT ON doubtful_day TO ticketing_app;
