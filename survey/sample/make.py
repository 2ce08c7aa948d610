"""Making the sample data: the agenda is gone through, step by step, as if time passed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection, Engine

from survey.db import reading, writing
from survey.intake.accept import accept
from survey.intake.void import confirm_void, propose_void
from survey.publish.release import make_release
from survey.register.snapshot import Register, load
from survey.sample.agenda import Cancellation, Delivery, Publication, Step, agenda
from survey.sample.scene import make_scene
from survey.terms.period import month_of

PROPOSES, CONFIRMS = "mau.de-nghi", "mau.xac-nhan"
"""The two accounts that cancel a rating; they are names and cannot sign in."""

_CHUNK = 10_000


class SampleError(RuntimeError):
    """The database is not for sample data, or the sample does not fit the city's register."""


def make_sample(engine: Engine, *, scale: float = 1.0) -> None:
    """Fill a database whose city is loaded as a sample, through the doors that real data use.

    ``scale`` is the share of the full volume (tests take a small one); cells with set counts are
    the same at any scale. Says on stderr how far it is. The same register and scale give the same
    ratings, ids, times and releases. Raises SampleError where the database is real or where the
    register refuses an item.
    """
    with reading(engine) as connection:
        register = load(connection)
    if register.kind != "sample":
        raise SampleError("The database was created as real: sample data stay out of it.")
    maker = _Maker(engine, register)
    waiting: list[Delivery] = []
    for step in agenda(make_scene(register, scale)):
        if isinstance(step, Delivery):
            waiting.append(step)
            continue
        maker.deliver(waiting)
        waiting.clear()
        maker.decide(step)
    maker.deliver(waiting)
    maker.end()


@dataclass
class _Maker:
    """Goes through the doors and says how far it is."""

    engine: Engine
    register: Register
    n_items: int = 0
    n_releases: int = 0
    now: str = ""

    def deliver(self, steps: Sequence[Delivery]) -> None:
        """Hand over what comes between two decisions.

        In one transaction, since each one costs a sync of pages that the next changes again.
        """
        with writing(self.engine) as connection:
            for step in steps:
                self._month(step)
                self._accept(connection, step)

    def _accept(self, connection: Connection, step: Delivery) -> None:
        items = step.items()
        received_at = int(step.at.timestamp() * 1000)
        refused = []
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            outcomes = accept(connection, self.register, chunk, received_at=received_at)
            refused += [outcome for outcome in outcomes if outcome.status != "accepted"]
        if len(refused) != step.refused:
            raise SampleError(f"{len(refused)} items of {step.at} were refused: {refused[:3]}")
        self.n_items += len(items)

    def decide(self, step: Cancellation | Publication) -> None:
        """Cancel a rating or release a period."""
        self._month(step)
        if isinstance(step, Cancellation):
            self._cancel(step)
        else:
            make_release(self.engine, self.register, step.period, now=step.at, reason=step.reason)
            self.n_releases += 1

    def _cancel(self, step: Cancellation) -> None:
        at = int(step.at.timestamp() * 1000)
        with writing(self.engine) as connection:
            target = step.rating.body.id
            proposal = propose_void(
                connection,
                "response",
                target,
                reason=step.reason,
                by=PROPOSES,
                unit=step.rating.body.receiving_unit,
                at=at - 3_600_000,
            )
            confirm_void(connection, proposal, by=CONFIRMS, unit="", at=at)

    def _month(self, step: Step) -> None:
        name = month_of(step.at.date())
        if name != self.now:
            self.now = name
            self._say()

    def end(self) -> None:
        """Say that everything is there."""
        self._say()
        sys.stderr.write("\n")

    def _say(self) -> None:
        text = f"Sample data: {self.now}; items: {self.n_items:,}; releases: {self.n_releases}"
        sys.stderr.write(f"\r{text}" if sys.stderr.isatty() else f"{text}\n")
        sys.stderr.flush()
