# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportPrivateImportUsage=false
# (confluent-kafka leaves its answers untyped and exports without saying so)
"""Kafka's topics, users, rights and quotas; the same for the embedded country and production.

A site's user may write the topics that bear its site's name, read them without a consumer group,
and read its inbox. The reporting service reads the streams of all sites, in groups of its own.
Nobody else may do anything. A second run changes nothing.
"""

import time
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from confluent_kafka import OFFSET_END, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from libs.events.topics import NATIONAL_STANDARDS, inbox_topic, site_topics, topic_settings
from libs.stream.kafka import KafkaAccess
from saduak.provision.quotas import Limits, limit

REPORTING = "reporting"
"""The reporting service's user; its consumer groups begin with the same word."""
ITERATIONS = 8192
ANSWER_SECONDS = 30
SITE_LIMITS: Limits = {
    "producer_byte_rate": 1_048_576,
    "consumer_byte_rate": 4_194_304,
    "request_percentage": 50,
}
"""A busy office writes a few hundred bytes a second; this drains a month's backlog in minutes,
and a site that runs wild takes no broker down."""


class NotProvisioned(RuntimeError):
    """The broker took the changes but does not show them."""


class Operation(StrEnum):
    READ = "READ"
    WRITE = "WRITE"
    DESCRIBE = "DESCRIBE"


class Guarded(StrEnum):
    """What a right is about."""

    TOPIC = "TOPIC"
    GROUP = "GROUP"
    CLUSTER = "BROKER"
    """Which confluent-kafka calls so; its one name is ``kafka-cluster``."""


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """A user may do ``operation`` with what is named ``name``, or begins so if ``prefixed``."""

    user: str
    operation: str
    guarded: str
    name: str
    prefixed: bool = False

    def __str__(self) -> str:
        return f"{self.user}: {self.operation} {self.guarded} {self.name}{'*' * self.prefixed}"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cluster should hold: settings by topic, passwords, rights and limits by user."""

    topics: Mapping[str, Mapping[str, str]]
    users: Mapping[str, str]
    rights: frozenset[Right]
    limits: Mapping[str, Limits]
    replicas: int
    """On how many brokers each topic lies."""


def site_user(site: str) -> str:
    return f"site-{site}"


def country(
    sites: Mapping[str, str],
    reporting_password: str,
    *,
    revoked: Collection[str] = (),
    replicas: int = 1,
) -> Plan:
    """The plan for a nation with these sites: their users' passwords by site code.

    ``revoked`` sites keep their topics and have no rights. On three brokers (``replicas``) an
    event is acknowledged when two of them have it.
    """
    topics = [topic for site in sites for topic in site_topics(site)]
    users = {site_user(site): password for site, password in sites.items()}
    rights = [right for site in sites if site not in revoked for right in _site_rights(site)]
    durable = {"min.insync.replicas": str(replicas // 2 + 1)}
    return Plan(
        topics={topic: topic_settings(topic) | durable for topic in (*topics, NATIONAL_STANDARDS)},
        users={**users, REPORTING: reporting_password},
        rights=frozenset([*rights, *_reporting_rights()]),
        limits={site_user(site): SITE_LIMITS for site in sites},
        replicas=replicas,
    )


def provision(access: KafkaAccess, plan: Plan) -> list[str]:
    """Make ``plan`` so, as the superuser, and wait until the broker shows it. Says what it did.

    A user that exists keeps its password; rights of the plan's users that are not in the plan
    are taken away. Raises KafkaException for what the broker refuses, :class:`NotProvisioned`
    if a change does not show.
    """
    admin = AdminClient(client_settings(access))
    done: list[str] = []
    deadline = time.monotonic() + ANSWER_SECONDS
    while changes := [
        *_users(admin, plan),
        *_topics(admin, plan),
        *_topic_settings(admin, plan),
        *_rights(admin, plan),
        *limit(access, plan.limits),
    ]:
        if time.monotonic() > deadline:
            raise NotProvisioned(f"Kafka does not show: {', '.join(changes)}")
        done += [change for change in changes if change not in done]
        time.sleep(0.05)
    return done


def change_password(access: KafkaAccess, user: str, password: str) -> None:
    """Give a user another password. Connections that are open stay open: to shut a user out,
    take its rights away first. Never delete its credential instead (the broker forgets how to
    let anybody in)."""
    _set_passwords(AdminClient(client_settings(access)), {user: password})


def discard(access: KafkaAccess, topic: str) -> None:
    """Throw away everything that the brokers hold of a topic; its offsets go on."""
    admin = AdminClient(client_settings(access))
    _await(admin.delete_records([TopicPartition(topic, 0, OFFSET_END)]))


def rights_by_user(access: KafkaAccess) -> dict[str, set[Right]]:
    """What every user that has a password may do; nothing, for one that was shut out."""
    admin = AdminClient(client_settings(access))
    found = _found_rights(admin)
    return {user: {right for right in found if right.user == user} for user in _known_users(admin)}


def _known_users(admin: AdminClient) -> Collection[str]:
    kept = cast(Future[dict[str, object]], admin.describe_user_scram_credentials())
    return kept.result(ANSWER_SECONDS).keys()


def _users(admin: AdminClient, plan: Plan) -> list[str]:
    missing = sorted(plan.users.keys() - _known_users(admin))
    if missing:
        _set_passwords(admin, {user: plan.users[user] for user in missing})
    return [f"user {user}" for user in missing]


def _set_passwords(admin: AdminClient, passwords: Mapping[str, str]) -> None:
    kind = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS)
    _await(
        admin.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(user, kind, password.encode())
                for user, password in passwords.items()
            ]
        )
    )


def _topics(admin: AdminClient, plan: Plan) -> list[str]:
    missing = sorted(plan.topics.keys() - admin.list_topics(timeout=ANSWER_SECONDS).topics.keys())
    if missing:
        _await(
            admin.create_topics(
                [
                    NewTopic(topic, 1, plan.replicas, config=dict(plan.topics[topic]))
                    for topic in missing
                ]
            )
        )
    return [f"topic {topic}" for topic in missing]


def _topic_settings(admin: AdminClient, plan: Plan) -> list[str]:
    known = admin.list_topics(timeout=ANSWER_SECONDS).topics
    asked = [ConfigResource(ResourceType.TOPIC, topic) for topic in plan.topics if topic in known]
    if not asked:  # topics made a moment ago may not be shown yet
        return []
    answers = cast(dict[ConfigResource, Future[dict[str, Any]]], admin.describe_configs(asked))
    changes: list[ConfigResource] = []
    for resource, answer in answers.items():
        found = answer.result(ANSWER_SECONDS)
        wrong = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in plan.topics[resource.name].items()
            if found[name].value != value
        ]
        if wrong:
            changes.append(
                ConfigResource(ResourceType.TOPIC, resource.name, incremental_configs=wrong)
            )
    if changes:
        _await(admin.incremental_alter_configs(changes))
    return [f"settings of {resource.name}" for resource in changes]


def _rights(admin: AdminClient, plan: Plan) -> list[str]:
    found = _found_rights(admin)
    missing = sorted(plan.rights - found)
    extra = sorted(right for right in found - plan.rights if right.user in plan.users)
    if missing:
        _await(admin.create_acls([_binding(right) for right in missing]))
    if extra:
        _await(admin.delete_acls([_filter(right) for right in extra]))
    return [f"right of {right}" for right in missing] + [f"no right of {right}" for right in extra]


def _found_rights(admin: AdminClient) -> set[Right]:
    kept = cast(Future[list[Any]], admin.describe_acls(_filter(None)))
    return {_right(binding) for binding in kept.result(ANSWER_SECONDS)}


def _site_rights(site: str) -> list[Right]:
    user = site_user(site)
    # With its dot: the rights of "pjo-5" must not cover "pjo-50".
    own = [
        Right(user, operation, Guarded.TOPIC, f"site.{site}.", prefixed=True)
        for operation in Operation
    ]
    heard = (inbox_topic(site), NATIONAL_STANDARDS)
    return [*own, *(Right(user, Operation.READ, Guarded.TOPIC, topic) for topic in heard)]


def _reporting_rights() -> list[Right]:
    return [
        Right(REPORTING, Operation.READ, Guarded.TOPIC, "site.", prefixed=True),
        Right(REPORTING, Operation.READ, Guarded.GROUP, REPORTING, prefixed=True),
        Right(REPORTING, Operation.WRITE, Guarded.TOPIC, "inbox.", prefixed=True),
        Right(REPORTING, Operation.READ, Guarded.TOPIC, NATIONAL_STANDARDS),
        Right(REPORTING, Operation.WRITE, Guarded.TOPIC, NATIONAL_STANDARDS),
        # The sizes of the topics, for the alert.
        Right(REPORTING, Operation.DESCRIBE, Guarded.CLUSTER, "kafka-cluster"),
    ]


def _right(binding: Any) -> Right:
    return Right(
        user=binding.principal.removeprefix("User:"),
        operation=binding.operation.name,
        guarded=binding.restype.name,
        name=binding.name,
        prefixed=binding.resource_pattern_type is ResourcePatternType.PREFIXED,
    )


def _binding(right: Right) -> AclBinding:
    return AclBinding(*_described(right))


def _filter(right: Right | None) -> AclBindingFilter:
    """What finds one right, or all there are."""
    everything: tuple[Any, ...] = (
        ResourceType.ANY,
        None,
        ResourcePatternType.ANY,
        None,
        None,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    return AclBindingFilter(*(everything if right is None else _described(right)))


def _described(right: Right) -> tuple[Any, ...]:
    """In the order of confluent-kafka's arguments."""
    return (
        ResourceType[right.guarded],
        right.name,
        ResourcePatternType.PREFIXED if right.prefixed else ResourcePatternType.LITERAL,
        f"User:{right.user}",
        "*",
        AclOperation[right.operation],
        AclPermissionType.ALLOW,
    )


def _await(futures: Mapping[Any, Future[Any]]) -> None:
    for future in futures.values():
        future.result(ANSWER_SECONDS)


def client_settings(access: KafkaAccess) -> dict[str, Any]:
    """The connection as confluent-kafka's clients take it."""
    settings: dict[str, Any] = {
        "bootstrap.servers": access.bootstrap,
        "security.protocol": "SASL_PLAINTEXT" if access.ca_file is None else "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": access.user,
        "sasl.password": access.current_password(),
        "log_level": 2,
    }
    if access.ca_file is not None:
        settings["ssl.ca.location"] = str(access.ca_file)
    return settings
