"""``flask staff …``: accounts; ``flask void propose`` and ``flask void confirm``."""

from __future__ import annotations

import datetime as dt
import uuid

import click
from sqlalchemy.engine import Connection, Engine

from survey.commands.group import Commands
from survey.db import reading, writing
from survey.intake.accept import now_milliseconds
from survey.intake.void import Kind, VoidError, confirm_void, propose_void
from survey.office.voids_list import Proposal, find
from survey.register.snapshot import Register, RegisterCache
from survey.settings import Settings
from survey.staff import accounts
from survey.staff.accounts import Account, AccountError, add_account
from survey.staff.deeds import COMMAND_LINE, record
from survey.staff.rights import Reach, reach_of
from survey.staff.roles import Role
from survey.staff.scope import own_units


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the groups ``staff`` and ``void``."""
    return [_staff(engine, registers), _void(engine, registers)]


def _staff(engine: Engine, registers: RegisterCache) -> Commands:
    staff = Commands("staff", help="Accounts of staff.")

    @staff.command("add")
    @click.argument("name")
    @click.option("--role", type=click.Choice([each.value for each in Role]), required=True)
    @click.option("--unit", help="Code of the agency that the person works for.")
    @click.password_option()
    def add_command(name: str, role: str, unit: str | None, password: str) -> None:
        """Make an account."""
        at = now_milliseconds()
        with writing(engine) as connection, _told():
            _check_unit(connection, registers, unit)
            add_account(connection, name, password, role=Role(role), unit=unit, created_at=at)
            _record(connection, "account.add", name, at)
        click.echo(f"Account {name} is made.")

    @staff.command("list")
    def list_command() -> None:
        """List every account: name, role, unit, state."""
        with reading(engine) as connection:
            found = accounts.listed(connection)
        for each in found:
            state = "disabled" if each.disabled_at else "active"
            click.echo(f"{each.name}\t{each.role}\t{each.unit or '-'}\t{state}")

    @staff.command("role")
    @click.argument("name")
    @click.argument("role", type=click.Choice([each.value for each in Role]))
    @click.option("--unit", help="Code of the agency that the person works for.")
    def role_command(name: str, role: str, unit: str | None) -> None:
        """Give an account another role and unit; its sessions end."""
        at = now_milliseconds()
        with writing(engine) as connection, _told():
            _check_unit(connection, registers, unit)
            accounts.set_role(connection, name, Role(role), unit)
            _record(connection, "account.place", name, at, f"→ {role} {unit or '-'}")
        click.echo(f"Account {name} is {role} now.")

    @staff.command("disable")
    @click.argument("name")
    def disable_command(name: str) -> None:
        """Let nobody in with an account any more; its sessions end."""
        at = now_milliseconds()
        with writing(engine) as connection, _told():
            accounts.disable(connection, name, at=at)
            _record(connection, "account.disable", name, at)
        click.echo(f"Account {name} is disabled.")

    @staff.command("password")
    @click.argument("name")
    @click.password_option()
    def password_command(name: str, password: str) -> None:
        """Give an account another password; its sessions end."""
        at = now_milliseconds()
        with writing(engine) as connection, _told():
            accounts.set_password(connection, name, password)
            _record(connection, "account.password", name, at)
        click.echo(f"Account {name} has another password.")

    return staff


def _void(engine: Engine, registers: RegisterCache) -> Commands:
    void = Commands("void", help="Cancel a rating or an import: two accounts and a reason.")

    account_option = click.option("--account", prompt=True, help="Whose deed it is; asked for.")
    password_option = click.password_option(
        "--password", confirmation_prompt=False, help="Of that account; better asked for."
    )

    @void.command("propose")
    @click.option("--response", type=click.UUID, help="Id of one response.")
    @click.option("--batch", type=click.UUID, help="Id of a whole import.")
    @click.option("--reason", required=True, help="Why; it is kept for ever.")
    @account_option
    @password_option
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
            by = _officer(connection, account, password, "voids.propose")
            at = now_milliseconds()
            proposal = propose_void(
                connection, kind, target, reason=reason, by=by.name, unit=by.unit or "", at=at
            )
            found = _written(connection, proposal)
            _check_reach(registers.get(connection), by, found.unit)
            _record_void(connection, by, "void.propose", found, reason, at)
        click.echo(f"Proposal {proposal}: an account of another unit confirms it.")

    @void.command("confirm")
    @click.argument("proposal", type=click.UUID)
    @account_option
    @password_option
    def confirm_command(proposal: uuid.UUID, account: str, password: str) -> None:
        """Confirm another account's proposal: it takes effect at once."""
        with writing(engine) as connection, _told():
            by = _officer(connection, account, password, "voids.confirm")
            at = now_milliseconds()
            confirm_void(connection, proposal, by=by.name, unit=by.unit or "", at=at)
            found = _written(connection, proposal)
            detail = f"{found.proposed_by} ({found.proposed_unit or '-'}): {found.reason}"
            _record_void(connection, by, "void.confirm", found, detail, at)
        click.echo("Voided. The next edition of its period will say so.")

    return void


def _check_unit(connection: Connection, registers: RegisterCache, unit: str | None) -> None:
    if unit is not None and unit not in registers.get(connection).units:
        raise click.ClickException(f"There is no unit {unit}.")


def _record(connection: Connection, deed: str, name: str, at: int, detail: str = "") -> None:
    found = accounts.find(connection, name)
    unit = found.unit if found is not None else None
    record(connection, by=COMMAND_LINE, deed=deed, unit=unit, subject=name, detail=detail, at=at)


def _officer(connection: Connection, account: str, password: str, right: str) -> Account:
    """Return the account whose password that is; it must have the right that the pages demand."""
    accounts.prove(connection, account, password)
    found = accounts.find(connection, account)
    if found is None or found.one_time_until is not None or reach_of(found.role, right) is None:
        raise click.ClickException(f"Account {account} may not do that (docs/rights.md).")
    return found


def _check_reach(register: Register, by: Account, unit: str | None) -> None:
    """Refuse another unit's rating to an agency; an import may hold those of every unit."""
    if reach_of(by.role, "voids.propose") is Reach.OWN:
        today = dt.datetime.now(register.city.zone).date()
        if unit not in own_units(register, by.unit, today):
            raise click.ClickException(f"Account {by.name} may do that for its own unit only.")


def _written(connection: Connection, proposal: uuid.UUID) -> Proposal:
    found = find(connection, proposal)
    assert found is not None  # noqa: S101 (it was there a moment ago, in this transaction)
    return found


def _record_void(
    connection: Connection, by: Account, deed: str, of: Proposal, detail: str, at: int
) -> None:
    subject = f"{of.kind} {of.target}"
    record(connection, by=by.name, deed=deed, unit=of.unit, subject=subject, detail=detail, at=at)


class _told:  # noqa: N801 (reads as a word in a with statement)
    """Turns what a person can put right into a message of the command line."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, AccountError | VoidError):
            raise click.ClickException(str(error)) from error
