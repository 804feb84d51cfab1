"""The centre wants the staff to read something, or not to read it any more.

Nothing of it is an event: the office answers nothing.
"""

from libs.database.statements import statements
from libs.events.inbox import InboxMessage, NoticeGiven, NoticeWithdrawn
from services.ticketing.office import Office

SQL = statements("services.ticketing", "sql/notices.sql")


async def hear(office: Office, message: InboxMessage) -> None:
    """Keep or drop a notice; what else the centre says is not for the staff."""
    match message.data:
        case NoticeGiven() as given:
            async with office.pool.acquire() as connection, connection.transaction():
                await connection.execute(SQL.forget_old, office.clock())
                await connection.execute(
                    SQL.keep, given.notice, given.th, given.en, message.time, given.until
                )
        case NoticeWithdrawn() as withdrawn:
            await office.pool.execute(SQL.withdraw, withdrawn.notice)
        case _:
            pass
