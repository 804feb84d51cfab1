"""What services share: the contract, the stream, the standard, the ground they stand on."""
