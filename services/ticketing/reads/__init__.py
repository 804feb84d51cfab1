"""What pages and displays show: reads that change nothing."""

from services.ticketing.reads.apart import Odd, Readable, readable, shown
from services.ticketing.reads.board import BoardCall, board
from services.ticketing.reads.counters import CounterView, holder_of, open_counters
from services.ticketing.reads.days import DayView, day_book, day_of, days, working_day
from services.ticketing.reads.forecast import Forecast
from services.ticketing.reads.notices import Notice, notices
from services.ticketing.reads.queue import waiting
from services.ticketing.reads.restored_days import DoubtfulDay, doubtful_days
from services.ticketing.reads.tickets import TicketStatus, ticket_status

__all__ = [
    "BoardCall",
    "CounterView",
    "DayView",
    "DoubtfulDay",
    "Forecast",
    "Notice",
    "Odd",
    "Readable",
    "TicketStatus",
    "board",
    "day_book",
    "day_of",
    "days",
    "doubtful_days",
    "holder_of",
    "notices",
    "open_counters",
    "readable",
    "shown",
    "ticket_status",
    "waiting",
    "working_day",
]
