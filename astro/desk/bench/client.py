"""One till, in a process of its own, so that measuring does not take from what is measured.

    python -m astro.desk.bench.client

reads its job (JSON, one line), makes ready, says `ready`, waits for a line with a number of seconds, works that long
and says what came of it (JSON, one line). It stops early where its work runs out.
"""

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle
from typing import TextIO

from astro.desk.bench.http import Answer, Connection
from astro.desk.bench.population import Size, long_visit, ordinary_visit, rewarded_visit
from astro.desk.bench.requests import (
    elapsed_ms,
    finish_body,
    finish_request,
    look_up_request,
    visit_body,
    visit_request,
)

FINISHED = b'id="finished"'
OFFER = b'id="redemption"'
ONE_CUSTOMER_FOR = 0.25
"""Seconds for which all tills serve the same customer, before they turn to the next one together."""

KEPT_VISITS = 40
SAMPLES = 3


class Unexpected(Exception):
    """An answer that a till could not use. Counted, and a few are told."""


@dataclass(frozen=True, slots=True)
class Job:
    """What one till does. `turns` and `rewards` are its own share: first one and how many."""

    host: str
    port: int
    retailers: int
    customers: int
    mode: str
    turns: Sequence[int] = (0, 0)
    rewards: Sequence[int] = (0, 0)
    redeem_every: int = 0
    till: int = 0
    texts: Sequence[str] = ()
    session: int = 0

    @property
    def size(self) -> Size:
        return Size(self.retailers, self.customers)

    @property
    def authority(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(slots=True)
class Tally:
    """What came of it: milliseconds of each act that worked, and what went wrong."""

    milliseconds: list[float] = field(default_factory=list)
    errors: int = 0
    samples: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    redemptions: int = 0


Act = Callable[[float], bool]
"""Does one thing, at so many seconds after the start; says whether it held a redemption. Raises what went wrong."""


def work(acts: Iterator[Act], *, seconds: float) -> Tally:
    """Act after act until the time is over."""
    tally = Tally()
    began, cpu = time.perf_counter(), _cpu_seconds()
    for act in acts:
        since = time.perf_counter()
        if since - began >= seconds:
            break
        try:
            tally.redemptions += act(since - began)
            tally.milliseconds.append(elapsed_ms(since))
        except (Unexpected, OSError) as problem:
            tally.errors += 1
            if len(tally.samples) < SAMPLES:
                tally.samples.append(f"{type(problem).__name__}: {problem}")
    tally.seconds = time.perf_counter() - began
    tally.cpu_seconds = _cpu_seconds() - cpu
    return tally


def spread(job: Job, connection: Connection) -> Iterator[Act]:
    """New visits of ever other customers; every `redeem_every`th redeems a reward."""
    first, count = job.turns
    reward, rewards = job.rewards
    left = rewards
    for place in range(count):
        if job.redeem_every and (place + job.till) % job.redeem_every == job.redeem_every - 1:
            if not left:
                return
            left -= 1
            yield lambda _, turn=reward + rewards - left - 1: _redeem(job, connection, turn)  # type: ignore[misc]
        else:
            yield lambda _, turn=first + place: _buy(  # type: ignore[misc]
                connection, _visit_request(job, ordinary_visit(turn, size=job.size))
            )


def again(job: Job, connection: Connection) -> Iterator[Act]:
    """The same few visits, which stand already, sent again and again."""
    first, count = job.turns
    requests = [
        _visit_request(job, ordinary_visit(first + place, size=job.size)) for place in range(min(count, KEPT_VISITS))
    ]
    for request in requests:
        _buy(connection, request)
    for request in cycle(requests):
        yield lambda _, request=request: _buy(connection, request)  # type: ignore[misc]


def together(job: Job, connection: Connection) -> Iterator[Act]:
    """New visits of the one customer whom every other till serves at the same time."""
    first, count = job.turns

    def act(elapsed: float) -> bool:
        turn = first + int(elapsed / ONE_CUSTOMER_FOR) % count
        return _buy(connection, _visit_request(job, long_visit(turn, size=job.size)))

    while True:
        yield act


def look_up(job: Job, connection: Connection) -> Iterator[Act]:
    """The look-up box, with one text after the other."""
    requests = [look_up_request(text, session=job.session, host=job.authority) for text in job.texts]
    for request in cycle(requests):
        yield lambda _, request=request: not _ask(connection, request)  # type: ignore[misc]


MODES: dict[str, Callable[[Job, Connection], Iterator[Act]]] = {
    "spread": spread,
    "again": again,
    "together": together,
    "look_up": look_up,
}


def main(inp: TextIO, out: TextIO) -> None:
    job = Job(**json.loads(inp.readline()))
    connection = Connection(job.host, job.port)
    acts = _begun(MODES[job.mode](job, connection))
    out.write("ready\n")
    out.flush()
    told = inp.readline()
    if told:
        tally = work(acts, seconds=float(told))
        out.write(json.dumps(asdict(tally)) + "\n")
    connection.close()


def _begun(acts: Iterator[Act]) -> Iterator[Act]:
    """The same acts, with whatever stands before the first of them done now."""
    first = next(acts, None)

    def all_of_them() -> Iterator[Act]:
        if first is not None:
            yield first
            yield from acts

    return all_of_them()


def _visit_request(job: Job, visit: dict) -> bytes:
    return visit_request(visit, visit_body(visit), host=job.authority)


def _buy(connection: Connection, request: bytes) -> bool:
    _expect(_ask(connection, request), FINISHED)
    return False


def _redeem(job: Job, connection: Connection, turn: int) -> bool:
    visit = rewarded_visit(turn, size=job.size)
    body = visit_body(visit)
    _expect(_ask(connection, visit_request(visit, body, host=job.authority)), OFFER)
    finish = finish_body(visit, visit_key=body["key"])
    _expect(_ask(connection, finish_request(visit, finish, host=job.authority)), FINISHED)
    return True


def _ask(connection: Connection, request: bytes) -> Answer | None:
    answer = connection.ask(request)
    if answer.status != 200:
        raise Unexpected(f"{answer.status} {answer.body[:300]!r}")
    return answer


def _expect(answer: Answer | None, mark: bytes) -> None:
    if answer is None or mark not in answer.body:
        raise Unexpected(f"no {mark.decode()} in {answer.body[:300] if answer else b''!r}")


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
