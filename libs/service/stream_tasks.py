"""What leaves a site, and what the centre answers: the relay of a service's stream, its beats,
its inbox."""

from libs import VERSION
from libs.database.troubles import Disk
from libs.events.inbox import InboxMessage, ResendAsked
from libs.events.topics import StreamName
from libs.service.health import relay_notice
from libs.service.http import Process
from libs.service.settings import SiteSettings
from libs.stream.heartbeat import Build, Heart
from libs.stream.inbox import Inbox, Take
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay


def start_sending(
    settings: SiteSettings,
    process: Process,
    outbox: Outbox,
    name: StreamName,
    standards: str,
    hear: Take,
) -> None:
    """Send the stream, beat and listen, if a broker was named.

    ``standards`` is their version in use; ``hear`` is told everything that is not for the relay.
    """
    if settings.kafka is None:
        return
    relay = Relay(outbox, name, settings.kafka)
    build = Build(VERSION, standards, Disk(settings.disk))
    heart = Heart(outbox.pool, relay, settings.kafka, build)
    inbox = Inbox(outbox.pool, settings.kafka, settings.site, obey(relay, hear))
    process.supervisor.start("relay", relay.run)
    process.supervisor.start("heart", heart.run)
    process.supervisor.start("inbox", inbox.run)
    process.health.notice("relay", relay_notice(relay))
    process.health.notice("inbox", inbox.notice)
    process.metrics.watch_relay(relay)
    process.metrics.watch_inbox(inbox)


def obey(relay: Relay, hear: Take) -> Take:
    """Do what the centre asks of the relay's stream; let ``hear`` have what it asks of nobody."""

    async def take(message: InboxMessage) -> None:
        match message.data:
            case ResendAsked() as asked:
                if asked.stream == relay.name.stream:
                    relay.send_again(asked.epoch, asked.first, asked.last)
            case _:
                await hear(message)

    return take


async def without_staff(_message: InboxMessage) -> None:
    """To hear with in a service that no staff look at all day."""
