"""``flask staff add``, ``flask void propose`` and ``flask void confirm``."""

from __future__ import annotations

import uuid

import click
from sqlalchemy.engine import Connection, Engine

from survey.commands.group import Commands
from survey.db import reading, writing
from survey.intake.accept import now_milliseconds
from survey.intake.void import Kind, VoidError, confirm_void, propose_void
from survey.register.snapshot import RegisterCache
from survey.staff.accounts import AccountError, add_account, find, prove
from survey.staff.roles import Role


def make_commands(engine: Engine, registers: RegisterCache) -> list[Commands]:
    """Return the groups ``staff`` and ``void``."""
    staff = Commands("staff", help="Accounts of staff.")
    void = Commands("void", help="Cancel a rating or an import: two accounts and a reason.")

    @staff.command("add")
    @click.argument("name")
    @click.option("--role", type=click.Choice([each.value for each in Role]), required=True)
    @click.option("--unit", help="Code of the agency that the person works for.")
    @click.password_option()
    def add_command(name: str, role: str, unit: str | None, password: str) -> None:
        """Make an account."""
        with reading(engine) as connection:
            if unit is not None and unit not in registers.get(connection).units:
                raise click.ClickException(f"There is no unit {unit}.")
        with writing(engine) as connection, _told():
            add_account(
                connection,
                name,
                password,
                role=Role(role),
                unit=unit,
                created_at=now_milliseconds(),
            )
        click.echo(f"Account {name} is made.")

    @void.command("propose")
    @click.option("--response", type=click.UUID, help="Id of one response.")
    @click.option("--batch", type=click.UUID, help="Id of a whole import.")
    @click.option("--reason", required=True)
    @click.option("--account", prompt=True)
    @click.password_option("--password", confirmation_prompt=False)
    def propose_command(
        response: uuid.UUID | None,
        batch: uuid.UUID | None,
        reason: str,
        account: str,
        password: str,
    ) -> None:
        """Propose to cancel; nothing changes until another account confirms."""
        if (response is None) == (batch is None):
            raise click.UsageError("Name either --response or --batch.")
        kind: Kind = "response" if response is not None else "batch"
        target = response or batch
        assert target is not None  # noqa: S101 (one of the two, checked above)
        with writing(engine) as connection, _told():
            prove(connection, account, password)
            proposal = propose_void(
                connection,
                kind,
                target,
                reason=reason,
                by=account,
                unit=_unit(connection, account),
                at=now_milliseconds(),
            )
        click.echo(f"Proposal {proposal}: an account of another unit confirms it.")

    @void.command("confirm")
    @click.argument("proposal", type=click.UUID)
    @click.option("--account", prompt=True)
    @click.password_option("--password", confirmation_prompt=False)
    def confirm_command(proposal: uuid.UUID, account: str, password: str) -> None:
        """Confirm another account's proposal: it takes effect at once."""
        with writing(engine) as connection, _told():
            _confirm(connection, proposal, account, password)
        click.echo("Voided. The next edition of its period will say so.")

    return [staff, void]


def _confirm(connection: Connection, proposal: uuid.UUID, account: str, password: str) -> None:
    prove(connection, account, password)
    unit = _unit(connection, account)
    confirm_void(connection, proposal, by=account, unit=unit, at=now_milliseconds())


def _unit(connection: Connection, account: str) -> str:
    found = find(connection, account)
    return (found.unit if found is not None else None) or ""


class _told:  # noqa: N801 (reads as a word in a with statement)
    """Turns what a person can put right into a message of the command line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, AccountError | VoidError):
            raise click.ClickException(str(error)) from error
