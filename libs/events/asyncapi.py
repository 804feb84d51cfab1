"""One AsyncAPI 3 document of everything that travels through Kafka, from the types. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias, cast, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from libs.events.beats import Beat, SiteBeat
from libs.events.catalogue import RELEASED, Event
from libs.events.codes import SITE_PATTERN, Stream
from libs.events.inbox import MESSAGES
from libs.events.payloads import Payload
from libs.events.publication import Publication, StandardsPublished
from libs.events.responses import (
    FeedbackDayClosed,
    FeedbackGiven,
    FeedbackGivenV2,
    FeedbackOffered,
)
from libs.events.restoration import DayResolved, StreamRestored
from libs.events.topics import NATIONAL_STANDARDS

Json: TypeAlias = dict[str, Any]

OF_FEEDBACK = (FeedbackOffered, FeedbackGiven, FeedbackGivenV2, FeedbackDayClosed)
OF_BOTH = (StreamRestored, DayResolved)
PARAMETERS = {"site": {"description": f"The site's code, {SITE_PATTERN}"}}
PLACES = "#/components/schemas/{model}"


def document() -> str:
    """The document as JSON text."""
    messages = _messages()
    _, schemas = models_json_schema(
        [(model, "validation") for model in messages.values()], ref_template=PLACES
    )
    names = {name: model.__name__ for name, model in messages.items()}
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Saduak",
            "version": "1.0.0",
            "description": (
                "Queues, ratings and service days of government service centres: what the sites "
                "say, and what the centre asks of them. One partition a topic; Kafka's ACLs hold "
                "who may write where."
            ),
        },
        "defaultContentType": "application/json",
        "channels": _channels(),
        "operations": _operations(),
        "components": {
            "messages": {
                name: {
                    "name": name,
                    "title": _summary(name),
                    "contentType": "application/json",
                    "payload": {"$ref": PLACES.format(model=_place(schemas, names[name]))},
                }
                for name in sorted(messages)
            },
            "schemas": _sorted(schemas["$defs"]),
        },
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _messages() -> Mapping[str, type[BaseModel]]:
    """The whole message of every released type, by the type's name."""
    of_streams = {_type_of(model): model for model in get_args(Event)}
    return {
        **of_streams,
        SiteBeat.TYPE: Beat,
        **{payload.TYPE: message for payload, message in MESSAGES.items()},
        StandardsPublished.TYPE: Publication,
    }


def _type_of(model: type[BaseModel]) -> str:
    (name,) = get_args(model.model_fields["type"].annotation)
    return name


def _place(schemas: Mapping[str, Any], name: str) -> str:
    """Where pydantic has put the schema of the model ``name``."""
    (place,) = (key for key, schema in schemas["$defs"].items() if schema.get("title") == name)
    return place


def _summary(name: str) -> str:
    known: dict[str, type[Payload]] = {
        **RELEASED,
        SiteBeat.TYPE: SiteBeat,
        **{payload.TYPE: payload for payload in MESSAGES},
        StandardsPublished.TYPE: StandardsPublished,
    }
    return " ".join((known[name].__doc__ or "").split("\n\n")[0].split())


def _types(stream: Stream) -> Iterator[str]:
    for name, payload in RELEASED.items():
        if payload in OF_BOTH or (payload in OF_FEEDBACK) is (stream is Stream.FEEDBACK):
            yield name


def _channels() -> Json:
    def channel(address: str, description: str, names: Iterable[str]) -> Json:
        return {
            "address": address,
            "description": description,
            **({"parameters": PARAMETERS} if "{site}" in address else {}),
            "messages": {_key(name): {"$ref": f"#/components/messages/{name}"} for name in names},
        }

    return {
        **{
            stream.value: channel(
                f"site.{{site}}.{stream.value}",
                "A numbered stream; only the site writes it. Kept for 400 days.",
                _types(stream),
            )
            for stream in Stream
        },
        "beats": channel(
            "site.{site}.beats",
            "Signs of life; only the site writes them. Kept for 7 days.",
            [SiteBeat.TYPE],
        ),
        "inbox": channel(
            "inbox.{site}",
            "What the centre says to a site; only the centre writes it.",
            [payload.TYPE for payload in MESSAGES],
        ),
        "standards": channel(
            NATIONAL_STANDARDS,
            "The standards in force; only the centre writes them. Compacted.",
            [StandardsPublished.TYPE],
        ),
    }


def _operations() -> Json:
    said = {
        Stream.TICKETING.value: "Ticketing's relay sends, in order",
        Stream.FEEDBACK.value: "Feedback's relay sends, in order",
        "beats": "Both services send, every minute",
    }
    return {
        **{
            f"send-{name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": summary,
            }
            for name, summary in said.items()
        },
        "read-standards": {
            "action": "receive",
            "channel": {"$ref": "#/channels/standards"},
            "summary": "Both services of every site read, without a group",
        },
        "read-inbox": {
            "action": "receive",
            "channel": {"$ref": "#/channels/inbox"},
            "summary": "Both services of the site read, without a group",
        },
    }


def _key(name: str) -> str:
    return name.replace(".", "-")


def _sorted(schemas: Mapping[str, Any]) -> Json:
    return {name: _plain(schemas[name]) for name in sorted(schemas)}


def _plain(node: Any) -> Any:
    """A schema without OpenAPI's `discriminator` objects: AsyncAPI's are strings, and the
    constants of the union's members tell them apart all the same."""
    if isinstance(node, dict):
        items = cast("Json", node).items()
        return {
            key: _plain(value)
            for key, value in items
            if not (key == "discriminator" and isinstance(value, dict))
        }
    if isinstance(node, list):
        return [_plain(item) for item in cast("list[Any]", node)]
    return node
