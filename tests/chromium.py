"""Finds Chromium for the browser tests, and installs it where it may."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = (
    "Browser tests are left out: no Chromium was found. Install one (Debian and Ubuntu: "
    "`sudo apt-get install chromium`; Fedora: `sudo dnf install chromium`), or name yours in "
    "SADUAK_CHROMIUM, and run `make test` again."
)


def find() -> Path | None:
    """The browser to test with: the one named in SADUAK_CHROMIUM, else one on the PATH."""
    named = os.environ.get("SADUAK_CHROMIUM")
    if named:
        return Path(named)
    for name in NAMES:
        if path := shutil.which(name):
            return Path(path)
    return None


def install() -> None:
    """Install Debian's package, where that is possible without asking anybody."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print("Installing Chromium for the browser tests …", flush=True)
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode != 0:
            print(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}", file=sys.stderr)
            return


def main() -> None:
    if find() is None:
        install()
    if find() is None:
        print(HOW, file=sys.stderr)
        if os.environ.get("CI"):
            sys.exit("In CI a missing browser is a failure.")


if __name__ == "__main__":
    main()
