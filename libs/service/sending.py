"""What leaves a site: the relay of a service's stream, and its beats."""

from importlib.metadata import version

from libs.events.topics import StreamName
from libs.service.health import relay_notice
from libs.service.http import Process
from libs.service.settings import SiteSettings
from libs.stream.heart import Build, Heart
from libs.stream.outbox import Outbox
from libs.stream.relay import Relay


def start_sending(
    settings: SiteSettings, process: Process, outbox: Outbox, name: StreamName, standards: str
) -> None:
    """Send the stream and beat, if a broker was named. ``standards`` is their version in use."""
    if settings.kafka is None:
        return
    relay = Relay(outbox, name, settings.kafka)
    build = Build(version("saduak"), standards, settings.disk)
    heart = Heart(outbox.pool, relay, settings.kafka, build)
    process.supervisor.start("relay", relay.run)
    process.supervisor.start("heart", heart.run)
    process.health.notice("relay", relay_notice(relay))
    process.metrics.watch_relay(relay)
