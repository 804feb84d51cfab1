"""How the replicas share the streams: each takes as many of each service as the others."""

from collections import Counter
from collections.abc import Collection, Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import (
    ConsumerProtocolMemberAssignment,
    ConsumerProtocolMemberMetadata,
)


class EvenAssignor(RoundRobinPartitionAssignor):
    """Deals the streams out service by service.

    Dealt out in the order of their names, of two replicas one would get every feedback stream
    and the other every ticketing stream, which is four times the work.
    """

    name = "saduak-even"

    @classmethod
    def assign(
        cls,
        cluster: ClusterMetadata,
        members: Mapping[str, ConsumerProtocolMemberMetadata],
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        wanted = {member: frozenset(asked.subscription) for member, asked in members.items()}
        return {
            member: ConsumerProtocolMemberAssignment(
                cls.version,
                [(topic, sorted(cluster.partitions_for_topic(topic) or ())) for topic in topics],
                b"",
            )
            for member, topics in share(wanted).items()
        }


def share(wanted: Mapping[str, Collection[str]]) -> dict[str, list[str]]:
    """Every topic to one of the members that want it: to whom has the fewest of its service, and
    of those the fewest in all. Pure; of equals the first by name."""
    shares: dict[str, list[str]] = {member: [] for member in sorted(wanted)}
    dealt: Counter[tuple[str, str]] = Counter()
    for topic in sorted({topic for topics in wanted.values() for topic in topics}):
        service = topic.rpartition(".")[2]
        takers = [member for member in shares if topic in wanted[member]]
        taker = min(takers, key=lambda each: (dealt[each, service], len(shares[each])))
        shares[taker].append(topic)
        dealt[taker, service] += 1
    return shares
