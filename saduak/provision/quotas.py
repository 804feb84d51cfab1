# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportIncompatibleMethodOverride=false, reportAssignmentType=false
# (aiokafka leaves its protocol untyped)
"""How much of the brokers one user may take.

No Python client offers this call, so its two messages are written down here, as Kafka's protocol
guide gives them (DescribeClientQuotas and AlterClientQuotas, version 0).
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeAlias

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int8, Int16, Int32, Schema, String

from libs.stream.kafka import KafkaAccess

Limits: TypeAlias = Mapping[str, float]
"""By Kafka's own names: bytes a second written and read; percent of one thread's time."""

ANSWER_SECONDS = 30
_TEXT = String("utf-8")
_ENTITY = Array(("entity_type", _TEXT), ("entity_name", _TEXT))
_USERS_BY_NAME = ("user", 2, None)  # 2: every user that has a limit of its own


class _DescribeResponse(Response):
    API_KEY = 48
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", _TEXT),
        (
            "entries",
            Array(("entity", _ENTITY), ("values", Array(("name", _TEXT), ("value", Float64)))),
        ),
    )


class _DescribeStruct(RequestStruct):
    API_KEY = 48
    API_VERSION = 0
    RESPONSE_TYPE = _DescribeResponse
    SCHEMA = Schema(
        (
            "components",
            Array(("entity_type", _TEXT), ("match_type", Int8), ("match", _TEXT)),
        ),
        ("strict", Boolean),
    )


class _Describe(Request[_DescribeStruct]):
    API_KEY = 48

    def build(self, request_struct_class: type[_DescribeStruct]) -> _DescribeStruct:
        return request_struct_class([_USERS_BY_NAME], True)


class _AlterResponse(Response):
    API_KEY = 49
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            Array(("error_code", Int16), ("error_message", _TEXT), ("entity", _ENTITY)),
        ),
    )


class _AlterStruct(RequestStruct):
    API_KEY = 49
    API_VERSION = 0
    RESPONSE_TYPE = _AlterResponse
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", _ENTITY),
                ("ops", Array(("name", _TEXT), ("value", Float64), ("remove", Boolean))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _Alter(Request[_AlterStruct]):
    API_KEY = 49

    def __init__(self, wanted: Mapping[str, Limits]) -> None:
        self._wanted = wanted

    def build(self, request_struct_class: type[_AlterStruct]) -> _AlterStruct:
        entries = [
            ([("user", user)], [(name, float(value), False) for name, value in limits.items()])
            for user, limits in self._wanted.items()
        ]
        return request_struct_class(entries, False)


def limit(access: KafkaAccess, wanted: Mapping[str, Limits]) -> list[str]:
    """Give these users these limits, as the superuser. Says whose were not so already.

    Limits that are not named stay. Raises KafkaError for what the broker refuses.
    """
    if not wanted:
        return []
    with ThreadPoolExecutor(1) as aside:  # the caller may have a loop of its own
        return aside.submit(asyncio.run, _limit(access, wanted)).result()


def limits(access: KafkaAccess) -> dict[str, dict[str, float]]:
    """Every user's own limits, as the superuser."""

    async def ask() -> dict[str, dict[str, float]]:
        client = await _client(access)
        try:
            return await _found(client)
        finally:
            await client.close()

    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, ask()).result()


async def _limit(access: KafkaAccess, wanted: Mapping[str, Limits]) -> list[str]:
    client = await _client(access)
    try:
        found = await _found(client)
        wrong = {
            user: limits
            for user, limits in sorted(wanted.items())
            if not limits.items() <= found.get(user, {}).items()
        }
        if wrong:
            answer = await _asked(client, _Alter(wrong))
            for code, message, _entity in answer.entries:
                _raise_if_refused(code, message)
        return [f"limits of {user}" for user in wrong]
    finally:
        await client.close()


async def _client(access: KafkaAccess) -> AIOKafkaClient:
    client = AIOKafkaClient(**access.client_settings())
    await asyncio.wait_for(client.bootstrap(), ANSWER_SECONDS)
    return client


async def _found(client: AIOKafkaClient) -> dict[str, dict[str, float]]:
    answer = await _asked(client, _Describe())
    _raise_if_refused(answer.error_code, answer.error_message)
    return {entity[0][1]: dict(values) for entity, values in answer.entries or ()}


async def _asked(client: AIOKafkaClient, request: Request[Any]) -> Any:
    sent = client.send(client.get_random_node(), request)
    return await asyncio.wait_for(sent, ANSWER_SECONDS)


def _raise_if_refused(code: int, message: str | None) -> None:
    if code:
        raise for_code(code)(message or "")
