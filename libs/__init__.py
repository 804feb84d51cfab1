"""What services share: the contract, the stream, the standard, the ground they stand on."""

VERSION = "0.2.0"
"""Of all of Saduak. Not asked of the installed package: an image holds folders, no package."""
