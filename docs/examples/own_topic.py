"""Prints the events of a site's own stream, read with another client than ours.

    KAFKA=kafka.example:9094 CA=ca.pem SITE=pjo-50 STREAM=ticketing PASSWORD_FILE=password \
        python own_topic.py
"""

import json
import os
import sys
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition


def consumer() -> Consumer:
    """A consumer in no group: a site may read its topics, and may join none."""
    return Consumer(
        {
            "bootstrap.servers": os.environ["KAFKA"],
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": os.environ["CA"],
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": f"site-{os.environ['SITE']}",
            "sasl.password": Path(os.environ["PASSWORD_FILE"]).read_text(encoding="utf-8").strip(),
            # librdkafka wants a name here, and does not use it where partitions are assigned.
            "group.id": "no-group",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else ""


def main() -> None:
    """Print every event from the first on, one a line, until the end of the topic."""
    reader = consumer()
    topic = f"site.{os.environ['SITE']}.{os.environ['STREAM']}"
    reader.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    try:
        while True:
            record = reader.poll(10.0)
            if record is None:
                sys.exit(f"{topic}: no answer within ten seconds")
            error = record.error()
            if error is None:
                kind = dict(record.headers() or []).get("content-type")
                event = json.loads(record.value() or b"null")
                sys.stdout.write(f"{_text(kind)} {json.dumps(event)}\n")
            elif error.code() == KafkaError._PARTITION_EOF:
                return
            elif error.code() != KafkaError.GROUP_AUTHORIZATION_FAILED:
                # librdkafka looks for the group all the same, and reads on without it.
                raise KafkaException(error)
    finally:
        reader.close()


if __name__ == "__main__":
    main()
