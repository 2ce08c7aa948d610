"""``flask staff …``: accounts; ``flask void propose`` and ``flask void confirm``."""

from __future__ import annotations

import uuid

import click
from sqlalchemy.engine import Connection, Engine

from survey.commands.group import Commands
from survey.db import reading, writing
from survey.intake.accept import now_milliseconds
from survey.intake.void import Kind, VoidError, confirm_void, propose_void
from survey.register.snapshot import RegisterCache
from survey.settings import Settings
from survey.staff import accounts
from survey.staff.accounts import AccountError, add_account, find, prove
from survey.staff.deeds import COMMAND_LINE, record
from survey.staff.roles import Role


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the groups ``staff`` and ``void``."""
    return [_staff(engine, registers), _void(engine)]


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


def _void(engine: Engine) -> Commands:
    void = Commands("void", help="Cancel a rating or an import: two accounts and a reason.")

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

    return void


def _check_unit(connection: Connection, registers: RegisterCache, unit: str | None) -> None:
    if unit is not None and unit not in registers.get(connection).units:
        raise click.ClickException(f"There is no unit {unit}.")


def _record(connection: Connection, deed: str, name: str, at: int, detail: str = "") -> None:
    found = accounts.find(connection, name)
    unit = found.unit if found is not None else None
    record(connection, by=COMMAND_LINE, deed=deed, unit=unit, subject=name, detail=detail, at=at)


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
