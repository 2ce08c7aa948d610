"""``flask release make`` and ``flask release verify``."""

from __future__ import annotations

import datetime as dt
import sys

import click
from sqlalchemy.engine import Engine

from survey.commands.group import Commands
from survey.db import reading, standing_still
from survey.ledger.audit import first_broken_seal
from survey.publish.editions import in_period_order, releases
from survey.publish.release import ReleaseRefusedError, make_release
from survey.publish.verify import verify_release
from survey.register.snapshot import RegisterCache
from survey.settings import Settings
from survey.terms.period import Period, parse_period
from survey.terms.problem import InvalidTermError


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the group ``release``."""
    group = Commands("release", help="Freeze and verify what is published.")

    @group.command("make")
    @click.option("--period", required=True, callback=_period, help="2026-Q3, 2026-10, 2026 …")
    @click.option("--preliminary", is_flag=True, help="For a period that has not ended: no badge.")
    @click.option("--reason", default="", help="Why a later edition is made.")
    def make_command(period: Period, preliminary: bool, reason: str) -> None:
        """Freeze a period and an edition of the whole city."""
        with reading(engine) as connection:
            register = registers.get(connection)
        try:
            made = make_release(
                engine,
                register,
                period,
                now=dt.datetime.now(dt.UTC),
                preliminary=preliminary,
                reason=reason,
            )
        except ReleaseRefusedError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"Released {made.period}, edition {made.edition}, at head {made.head}.")

    @group.command("verify")
    @click.argument("period", required=False, callback=_period)
    def verify_command(period: Period | None) -> None:
        """Check every row's seal, and recount every cell of a period's editions, or of all."""
        with standing_still(engine) as connection:
            register = registers.get(connection)
            found = [
                item
                for item in in_period_order(releases(connection))
                if period is None or item.period == period
            ]
            if not found:
                raise click.ClickException("There is no such release.")
            head = max(item.head for item in found)
            published = register.questionnaires.values()
            hashes = {each.questionnaire.id: each.sha256 for each in published}
            with click.progressbar(length=head, label="Seals", file=sys.stderr) as bar:
                broken = first_broken_seal(connection, hashes, head, progress=bar.update)
            click.echo(broken or f"Every row up to head {head} matches its seal.")
            wrong = 0
            for item in found:
                difference = verify_release(connection, register, item)
                wrong += difference is not None
                name = f"{item.period} edition {item.edition}"
                click.echo(difference or f"{name}: holds (head {item.head}).")
        if wrong or broken:
            raise click.ClickException(
                f"{wrong} of {len(found)} releases do not hold; the ledger's rows "
                + ("do not match their seals." if broken else "match their seals.")
            )

    return [group]


def _period(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> Period | None:
    if value is None:
        return None
    try:
        return parse_period(value)
    except InvalidTermError as error:
        raise click.BadParameter(f"{value} is no period (2026-10, 2026-Q3, 2026, a..b).") from error
