"""Tables of the register. Keys are natural, validity is inclusive, an empty end means in force.

Rows are added. What a later load may change is listed in :mod:`survey.register.differences`: an
empty end of validity gets a date, and the city's own facts may be put right.
"""

from __future__ import annotations

import sqlalchemy as sa

from survey.db import metadata

CODE = sa.String(40)
SHA256 = sa.String(64)


def _valid() -> tuple[sa.Column[object], sa.Column[object]]:
    return (
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=True),
    )


def _reference(name: str, target: str, **options: object) -> sa.Column[object]:
    """A foreign key that is checked at commit, so that rows may come in any order."""
    key = sa.ForeignKey(target, deferrable=True, initially="DEFERRED")
    return sa.Column(name, CODE, key, **options)  # type: ignore[arg-type]


city = sa.Table(
    "city",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.CheckConstraint("id = 1", name="one_city"),
    sa.CheckConstraint("kind IN ('sample', 'real')", name="kind"),
)
"""One row: the city's facts as JSON, and whether its data is sample or real (never changes).

``created_at`` is in UTC milliseconds since 1970.
"""

register_load = sa.Table(
    "register_load",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("loaded_on", sa.Date, nullable=False),
    sa.Column("folder_sha256", SHA256, nullable=False),
    sa.Column("summary", sa.JSON, nullable=False),
)
"""One row for each load that changed something; the greatest id is the register's version."""

unit = sa.Table(
    "unit",
    metadata,
    sa.Column("code", CODE, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("names", sa.JSON, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False, index=True),
    sa.Column("kind", CODE, nullable=False),
    _reference("parent", "unit.code", nullable=True),
    *_valid(),
)
"""``name`` is in the city's first language, ``names`` holds the other languages there are."""

succession = sa.Table(
    "succession",
    metadata,
    _reference("unit", "unit.code", primary_key=True),
    _reference("successor", "unit.code", primary_key=True, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("happened_on", sa.Date, nullable=False),
    sa.CheckConstraint("kind IN ('merge', 'split')", name="kind"),
)

field = sa.Table(
    "field",
    metadata,
    sa.Column("code", CODE, primary_key=True),
    sa.Column("names", sa.JSON, nullable=False),
    *_valid(),
)

field_group = sa.Table(
    "field_group",
    metadata,
    sa.Column("code", CODE, primary_key=True),
    sa.Column("names", sa.JSON, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
)

unit_field = sa.Table(
    "unit_field",
    metadata,
    _reference("unit", "unit.code", primary_key=True),
    _reference("field", "field.code", primary_key=True, index=True),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("valid_to", sa.Date, nullable=True),
)

reception_point = sa.Table(
    "reception_point",
    metadata,
    sa.Column("code", CODE, primary_key=True),
    _reference("unit", "unit.code", nullable=False, index=True),
    sa.Column("names", sa.JSON, nullable=False),
    *_valid(),
    _reference("successor", "reception_point.code", nullable=True),
)

question = sa.Table(
    "question",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("definition", sa.Text, nullable=False),
    sa.Column("sha256", SHA256, nullable=False),
)
"""What a question id pins: canonical JSON of wording (first language), scale, satisfied set."""

questionnaire = sa.Table(
    "questionnaire",
    metadata,
    sa.Column("sha256", SHA256, primary_key=True),
    sa.Column("id", sa.String(80), nullable=False, unique=True),
    sa.Column("document", sa.Text, nullable=False),
    *_valid(),
)
"""A published version: canonical JSON in the city's first language and its SHA-256."""

questionnaire_text = sa.Table(
    "questionnaire_text",
    metadata,
    sa.Column(
        "sha256",
        SHA256,
        sa.ForeignKey("questionnaire.sha256", deferrable=True, initially="DEFERRED"),
        primary_key=True,
    ),
    sa.Column("language", sa.String(10), primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
)
"""The same version in another language, bound to the hash of the first."""

target = sa.Table(
    "target",
    metadata,
    sa.Column("measure", CODE, primary_key=True),
    sa.Column("level", sa.String(10), primary_key=True),
    sa.Column("fields", sa.String(200), primary_key=True),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("valid_to", sa.Date, nullable=True),
    sa.Column("document", sa.Text, nullable=False),
)
"""``document`` is the target as JSON without its end, which stands in ``valid_to`` alone."""

measure_rule = sa.Table(
    "measure_rule",
    metadata,
    sa.Column("measure", CODE, primary_key=True),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("valid_to", sa.Date, nullable=True),
    sa.Column("document", sa.Text, nullable=False),
)
"""``document`` is the rule as JSON without its end, which stands in ``valid_to`` alone."""

obliged_publisher = sa.Table(
    "obliged_publisher",
    metadata,
    _reference("unit", "unit.code", primary_key=True),
    sa.Column("valid_from", sa.Date, primary_key=True),
    sa.Column("valid_to", sa.Date, nullable=True),
    sa.Column("basis", sa.Text, nullable=False),
)

break_mark = sa.Table(
    "break_mark",
    metadata,
    sa.Column("id", CODE, primary_key=True),
    sa.Column("happened_on", sa.Date, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("measure", CODE, nullable=True),
    _reference("unit", "unit.code", nullable=True),
    sa.Column("texts", sa.JSON, nullable=False),
)
"""Where a line in a chart must not be read across; without measure and unit it is everybody's."""

UNCHANGING = (
    "register_load",
    "succession",
    "field_group",
    "question",
    "questionnaire_text",
    "break_mark",
)
"""Tables whose rows no load ever changes: triggers may refuse UPDATE and DELETE on them."""
