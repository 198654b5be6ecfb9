"""Short messages from phones in the database: known from before or new, whole or waiting for the rest of their text.

Every function works inside the caller's transaction. Parts of one long text may come to several processes at once; so
whoever has a text in hand holds a lock of its key until the end of the transaction.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from asyncpg import Record as Row
from msgspec.structs import astuple

from hongyan.db.connection import AnyConnection
from hongyan.db.queries import Queries
from hongyan.kit.ids import first_id_at
from hongyan.text.alphabets import Alphabet
from hongyan.text.headers import Concatenation

from .assembly import GIVEN_UP_AFTER, LongText, TextKey, add_part, assembled, key_of, number_of
from .model import Part, WholeText
from .rules import KEPT, fingerprint_of, repeated_within

PARTS_KEPT: Final = timedelta(minutes=10)
"""How long the parts of a text that was given out are known, should they come again."""
GIVEN_UP_BATCH: Final = 500
DROPPED_BATCH: Final = 10_000
LOCK_CLASS: Final = 0x4852
"""The advisory locks of long texts: "HR"."""

_QUERIES: Final = Queries.of(__package__)


async def new_parts(connection: AnyConnection, parts: Iterable[Part]) -> list[Part]:
    """Remember short messages and return those that the carrier has not handed over before, in their order."""
    by_print: dict[tuple[int, bytes], Part] = {}
    for part in parts:
        by_print.setdefault((part.channel_id, fingerprint_of(part)), part)
    keys = sorted(by_print)  # one order for all writers: none waits for another in a circle
    rows = await connection.fetch(
        _QUERIES["note_arrivals"],
        [channel_id for channel_id, _ in keys],
        [fingerprint for _, fingerprint in keys],
        [by_print[key].received_at for key in keys],
        [by_print[key].received_at + repeated_within(by_print[key]) for key in keys],
    )
    new = {(row["channel_id"], row["fingerprint"]) for row in rows}
    return [part for key, part in by_print.items() if key in new]


async def put_together(
    connection: AnyConnection, parts: Sequence[Part], *, new_id: Callable[[], int]
) -> list[WholeText]:
    """Keep parts of long texts and return the texts that are whole by them."""
    if not parts:
        return []
    keys = list({key_of(part): None for part in parts})
    await connection.execute(_QUERIES["lock_texts"], LOCK_CLASS, sorted(map(_lock_number, keys)))
    texts = await _texts_of(connection, keys)
    added: list[tuple[LongText, Part]] = []
    for part in parts:
        text = add_part(texts[key_of(part)], part, new_id=new_id)
        if text is not None:
            added.append((text, part))
    await _keep(connection, added)
    whole = list({text.text_id: text for text, _ in added if text.is_complete}.values())
    return await _give_out(connection, whole)


async def give_up(connection: AnyConnection, now: datetime) -> list[WholeText]:
    """Return what came of long texts that lack a part and are not waited for any longer; each is returned once."""
    rows = await connection.fetch(_QUERIES["texts_given_up"], now - GIVEN_UP_AFTER, GIVEN_UP_BATCH)
    if not rows:
        return []
    keys = [TextKey(*row) for row in rows]
    free = await connection.fetch(_QUERIES["lock_free_texts"], LOCK_CLASS, list(map(_lock_number, keys)))
    texts = await _texts_of(connection, [keys[row["n"] - 1] for row in free])
    over = [text for alike in texts.values() for text in alike if not text.is_delivered and text.is_given_up(now)]
    return await _give_out(connection, over)


async def forget_old(connection: AnyConnection, now: datetime) -> None:
    """Drop what is not needed any longer: arrivals, parts of texts that were given out, replies beyond their time."""
    await connection.execute(_QUERIES["drop_old_arrivals"], now)
    await connection.execute(_QUERIES["drop_old_parts"], now - PARTS_KEPT)
    await connection.execute(_QUERIES["drop_old_replies"], first_id_at((now - KEPT).timestamp()), DROPPED_BATCH)


async def _texts_of(connection: AnyConnection, keys: Sequence[TextKey]) -> defaultdict[TextKey, list[LongText]]:
    rows = await connection.fetch(_QUERIES["parts_of_texts"], *zip(*map(astuple, keys), strict=True)) if keys else []
    by_id: dict[int, LongText] = {}
    texts: defaultdict[TextKey, list[LongText]] = defaultdict(list)
    for row in rows:
        text_id: int = row["text_id"]
        if text_id not in by_id:
            key = TextKey(row["from_number"], row["to_number"], row["reference"], row["total"])
            by_id[text_id] = LongText(key, text_id, is_delivered=row["delivered"])
            texts[key].append(by_id[text_id])
        by_id[text_id].parts[row["number"]] = _part_of(row)
    return texts


async def _keep(connection: AnyConnection, added: Sequence[tuple[LongText, Part]]) -> None:
    columns = [
        (
            text.text_id,
            number_of(part),
            text.key.total,
            text.key.reference,
            part.from_number,
            part.to_number,
            part.channel_id,
            part.alphabet.value if part.alphabet else None,
            part.content,
            part.carrier_message_id,
            part.received_at,
        )
        for text, part in added
    ]
    if columns:
        await connection.execute(_QUERIES["keep_parts"], *zip(*columns, strict=True))


async def _give_out(connection: AnyConnection, texts: Sequence[LongText]) -> list[WholeText]:
    if texts:
        await connection.execute(_QUERIES["mark_delivered"], [text.text_id for text in texts])
    return [assembled(text) for text in texts]


def _part_of(row: Row) -> Part:
    return Part(
        channel_id=row["channel_id"],
        from_number=row["from_number"],
        to_number=row["to_number"],
        content=row["content"],
        alphabet=Alphabet(row["alphabet"]) if row["alphabet"] else None,
        concatenation=Concatenation(row["reference"], row["total"], row["number"]),
        carrier_message_id=row["carrier_message_id"],
        received_at=row["received_at"],
    )


def _lock_number(key: TextKey) -> int:
    """Return the 32 bits, signed, of a key's lock; two keys that share one wait for each other, no more."""
    return crc32(repr(astuple(key)).encode()) - (1 << 31)
