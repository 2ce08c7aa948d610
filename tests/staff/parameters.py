"""How the walk fills in the parameters of an address: add yours here.

A maker gets the scene and the code of a unit and returns a value that belongs to that unit. What
belongs to no unit is a fixed text. The key is the parameter's name, or ``endpoint:parameter`` where
the same name means something else on one page.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from survey.db import reading, writing
from survey.devices.fleet import create_device
from survey.intake.accept import now_milliseconds
from survey.intake.link_batches import NewBatch, make_batch
from survey.ledger.tables import set_aside
from survey.register.snapshot import Register
from tests.fixtures.builders import WARD, WARD_B, bring, rating
from tests.fixtures.city import register_of


@dataclass
class Scene:
    """A city with a rating at an own and at a foreign unit."""

    engine: Engine
    own: str = WARD
    foreign: str = WARD_B

    @cached_property
    def register(self) -> Register:
        return register_of(self.engine)

    @cached_property
    def responses(self) -> dict[str, str]:
        """The id of one response of each unit."""
        made = {
            unit: rating(self.register, receiving_unit=unit, resolving_unit=unit)
            for unit in (self.own, self.foreign)
        }
        bring(self.engine, self.register, list(made.values()))
        return {unit: str(each.body.id) for unit, each in made.items()}

    @cached_property
    def asides(self) -> dict[str, str]:
        """The id of one item set aside of each unit."""
        made = {
            unit: rating(
                self.register, receiving_unit=unit, resolving_unit=unit, questionnaire="0" * 64
            )
            for unit in (self.own, self.foreign)
        }
        bring(self.engine, self.register, list(made.values()))
        with reading(self.engine) as connection:
            query = sa.select(set_aside.c.item, set_aside.c.id)
            ids = {row.item: str(row.id) for row in connection.execute(query)}
        return {unit: ids[each.body.id] for unit, each in made.items()}

    @cached_property
    def batches(self) -> dict[str, str]:
        """The id of one batch of links of each unit."""
        made = {unit: uuid.uuid4() for unit in (self.own, self.foreign)}
        with writing(self.engine) as connection:
            for unit, batch in made.items():
                new = NewBatch(batch, self.point(unit), "t.csv", 1, "an", 2)
                make_batch(connection, new, [])
        return {unit: str(batch) for unit, batch in made.items()}

    @cached_property
    def device(self) -> str:
        """The id of a device; whoever may see one may see all."""
        point = next(code for code, each in self.register.points.items() if each.valid_to is None)
        placed = {"kind": "kiosk", "point": point, "name": "Hall", "at": now_milliseconds()}
        with writing(self.engine) as connection:
            return str(create_device(connection, self.register, **placed))

    def point(self, unit: str) -> str:
        return next(code for code, each in self.register.points.items() if each.unit == unit)


Maker = Callable[[Scene, str], str]

BY_UNIT: dict[str, Maker] = {
    "unit": lambda _scene, unit: unit,
    "point": lambda scene, unit: scene.point(unit),
    "response": lambda scene, unit: scene.responses[unit],
    "batch": lambda scene, unit: scene.batches[unit],
    "item": lambda scene, unit: scene.asides[unit],
    "device": lambda scene, _unit: scene.device,
}
"""What belongs to a unit: an officer of another one must not see it."""

FIXED: dict[str, str] = {
    "name": "somebody",
    "ending": "csv",
    "period": "2026-Q3",
    "edition": "1",
    "number": "1",
    "proposal": "00000000-0000-4000-8000-000000000000",
    "upload": "0" * 32,
    "digest": "0" * 64,
}
"""What belongs to no unit."""
