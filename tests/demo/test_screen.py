"""What the demo shows in the terminal."""

import io
from collections.abc import Sequence

import pytest
from rich.console import Console

from libs.site.roles import Role
from saduak.demo.cast import Account, Accounts
from saduak.demo.screen import Screen, Tour
