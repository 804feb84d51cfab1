-- Each wish for a ticket, as the machine that passes it on names it, is granted once. Tickets that
-- nobody wished for by name, as imported ones, have none.
ALTER TABLE visit ADD COLUMN wish uuid CONSTRAINT ticket_given_once_a_wish UNIQUE;
