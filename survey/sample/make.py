"""Making the sample data: the agenda is gone through, step by step, as if time passed."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from survey.db import reading, writing
from survey.intake.deliver import deliver
from survey.intake.void import confirm_void, propose_void
from survey.publish.release import make_release
from survey.register.snapshot import Register, load
from survey.sample.agenda import Cancellation, Delivery, Publication, agenda, month_name
from survey.sample.scene import make_scene

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
    for step in agenda(make_scene(register, scale)):
        maker.month(month_name(step))
        if isinstance(step, Delivery):
            maker.deliver(step)
        elif isinstance(step, Cancellation):
            maker.cancel(step)
        else:
            maker.release(step)
    maker.end()


@dataclass
class _Maker:
    """Goes through the doors and says how far it is."""

    engine: Engine
    register: Register
    n_items: int = 0
    n_releases: int = 0
    now: str = ""

    def month(self, name: str) -> None:
        """Begin another month."""
        if name != self.now:
            self.now = name
            self._say()

    def deliver(self, step: Delivery) -> None:
        """Hand over what a step delivers."""
        items = step.items()
        refused = []
        for start in range(0, len(items), _CHUNK):
            chunk = items[start : start + _CHUNK]
            received_at = int(step.at.timestamp() * 1000)
            outcomes = deliver(self.engine, self.register, chunk, received_at=received_at)
            refused += [outcome for outcome in outcomes if outcome.status != "accepted"]
        if len(refused) != step.refused:
            raise SampleError(f"{len(refused)} items of {step.at} were refused: {refused[:3]}")
        self.n_items += len(items)

    def cancel(self, step: Cancellation) -> None:
        """Let two accounts cancel a rating."""
        at = int(step.at.timestamp() * 1000)
        with writing(self.engine) as connection:
            target = step.rating.body.id
            proposal = propose_void(
                connection, "response", target, reason=step.reason, by=PROPOSES, at=at - 3_600_000
            )
            confirm_void(connection, proposal, by=CONFIRMS, at=at)

    def release(self, step: Publication) -> None:
        """Release a period."""
        make_release(self.engine, self.register, step.period, now=step.at, reason=step.reason)
        self.n_releases += 1

    def end(self) -> None:
        """Say that everything is there."""
        self._say()
        sys.stderr.write("\n")

    def _say(self) -> None:
        text = f"Sample data: {self.now}, {self.n_items:,} items, {self.n_releases} releases"
        sys.stderr.write(f"\r{text}" if sys.stderr.isatty() else f"{text}\n")
        sys.stderr.flush()
