"""The contract: what a site tells the nation, and in what form. No IO here."""
