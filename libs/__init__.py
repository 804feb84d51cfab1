"""What services share: the contract, the stream, the standard, and the ground a service stands on."""
