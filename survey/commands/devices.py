"""``flask device enrol``, ``list``, ``move``, ``revoke`` and ``hours``."""

from __future__ import annotations

import datetime as dt
import uuid

import click
from sqlalchemy.engine import Connection, Engine

from survey.commands.device_hours import add_hours, told
from survey.commands.group import Commands
from survey.db import reading, writing
from survey.devices.enrol import CODE_MINUTES, make_code
from survey.devices.fleet import KINDS, create_device, move, revoke
from survey.devices.watch import Seen, seen
from survey.register.snapshot import RegisterCache
from survey.settings import Settings
from survey.staff.deeds import COMMAND_LINE, now_milliseconds, record


def make_commands(engine: Engine, registers: RegisterCache, settings: Settings) -> list[Commands]:
    """Return the group ``device``."""
    device = Commands("device", help="Kiosks and tablets.")

    @device.command("enrol")
    @click.argument("point")
    @click.option("--kind", type=click.Choice(KINDS), default="kiosk", show_default=True)
    @click.option("--name", help="What staff call it; default: kind and point.")
    @click.option("--device", "known", type=click.UUID, help="Only a new code for this device.")
    def enrol_command(point: str, kind: str, name: str | None, known: uuid.UUID | None) -> None:
        """Make a device for a reception point and print its one-time code."""
        at = now_milliseconds()
        with writing(engine) as connection, told():
            register = registers.get(connection)
            new = known or create_device(
                connection, register, kind=kind, point=point, name=name or f"{kind} {point}", at=at
            )
            if known is None:
                _record(connection, "device.add", new, f"{kind} {point}", at)
            code = make_code(connection, settings.secret_key, new, at=at)
            _record(connection, "device.code", new, point, at)
        click.echo(f"Device {new}: code {code}, once, within {CODE_MINUTES} minutes.")

    @device.command("list")
    def list_command() -> None:
        """Show every device with what is odd about it."""
        with reading(engine) as connection:
            zone = registers.get(connection).city.zone
            found = seen(connection, zone, at=now_milliseconds())
        for each in found:
            click.echo(_line(each, zone))

    @device.command("move")
    @click.argument("device", type=click.UUID)
    @click.argument("point")
    def move_command(device: uuid.UUID, point: str) -> None:
        """Let a device stand at another point from now on; its old ratings stay."""
        at = now_milliseconds()
        with writing(engine) as connection, told():
            move(connection, registers.get(connection), device, point, at=at)
            _record(connection, "device.move", device, point, at)
        click.echo(f"Device {device} stands at {point} from now on.")

    @device.command("revoke")
    @click.argument("device", type=click.UUID)
    def revoke_command(device: uuid.UUID) -> None:
        """Trust a device no longer, for good; what it still sends is not counted."""
        at = now_milliseconds()
        with writing(engine) as connection, told():
            revoke(connection, device, at=at)
            _record(connection, "device.revoke", device, "", at)
        click.echo(f"Device {device} is revoked.")

    add_hours(device, engine, registers)
    return [device]


def _record(connection: Connection, deed: str, device: uuid.UUID, detail: str, at: int) -> None:
    record(connection, by=COMMAND_LINE, deed=deed, subject=str(device), detail=detail, at=at)


def _line(each: Seen, zone: dt.tzinfo) -> str:
    device = each.device
    last = "never"
    if device.seen_at is not None:
        last = f"{dt.datetime.fromtimestamp(device.seen_at / 1000, zone):%Y-%m-%d %H:%M}"
    gaps = ", ".join(f"{first}-{last}" for first, last in each.missing)
    parts = (
        str(device.id),
        device.name,
        f"{device.kind} at {each.point}",
        f"last contact {last}",
        f"queue {device.queue or 0}",
        f"clock {(device.clock_offset or 0) / 1000:+.0f} s",
        f"ratings {each.ratings_today} (usual {each.ratings_usual:.1f})",
        f"missing counters {gaps}" if gaps else "",
        f"FLAGS {', '.join(each.flags)}" if each.flags else "",
    )
    return "  ".join(part for part in parts if part)
