"""Replicas share the streams evenly, whatever their number."""

from collections import Counter

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.protocol.metadata import MetadataResponse_v0
from hypothesis import given
from hypothesis import strategies as st

from libs.events.codes import Stream
from libs.events.topics import StreamName
from services.reporting.consumer.assignor import EvenAssignor, share

SITES = st.integers(1, 40).map(lambda count: [f"pjo-{number:02}" for number in range(count)])
MEMBERS = st.sets(st.text("abcdef0123456789", min_size=4, max_size=8), min_size=1, max_size=6)


def topics_of(sites: list[str]) -> list[str]:
    return [StreamName(site, stream).topic for site in sites for stream in Stream]


@given(SITES, MEMBERS)
def test_every_stream_has_one_reader_and_no_reader_has_more(
    sites: list[str], members: set[str]
) -> None:
    topics = topics_of(sites)
    shares = share(dict.fromkeys(members, topics))
    assert sorted(topic for part in shares.values() for topic in part) == sorted(topics)
    for stream in Stream:
        counts = [sum(topic.endswith(stream) for topic in part) for part in shares.values()]
        assert max(counts) - min(counts) <= 1
    counts = [len(part) for part in shares.values()]
    assert max(counts) - min(counts) <= 1


@given(SITES, st.sets(st.sampled_from(topics_of(["pjo-00", "pjo-01", "pjo-02"]))))
def test_nobody_gets_what_it_does_not_know_yet(sites: list[str], fewer: set[str]) -> None:
    """A replica that has not seen the newest site's topics."""
    topics = topics_of(sites)
    shares = share({"early": topics, "late": fewer})
    assert set(shares["late"]) <= fewer
    assert Counter(shares["early"] + shares["late"]) == Counter({*topics, *fewer})


def test_the_group_is_told_the_partitions() -> None:
    topics = topics_of(["pjo-30", "pjo-50"])
    asked = EvenAssignor.metadata(topics)
    members = {str(member): asked for member in ("one", "two")}
    cluster = ClusterMetadata()
    partition = (0, 0, 1, [1], [1])
    cluster.update_metadata(
        MetadataResponse_v0([(1, "broker", 9092)], [(0, topic, [partition]) for topic in topics])
    )
    told = EvenAssignor.assign(cluster, members)
    of_one, of_two = (dict(told[member].assignment) for member in ("one", "two"))
    assert set(of_one) | set(of_two) == set(topics)
    assert not set(of_one) & set(of_two)
    assert [*of_one.values(), *of_two.values()] == [[0]] * 4
    assert {topic.rpartition(".")[2] for topic in of_one} == {"ticketing", "feedback"}
    by_name = RoundRobinPartitionAssignor.assign(cluster, members)
    assert len({topic.rpartition(".")[2] for topic, _ in by_name["one"].assignment}) == 1
