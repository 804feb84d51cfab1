"""``python -m saduak`` and the console command ``saduak``."""

from saduak.cli import main

if __name__ == "__main__":
    main()
