"""A device in some tens of lines: enrols, rates without a network, sends until all is there.

    python scripts/example_device.py enrol http://127.0.0.1:8000 12345678
    python scripts/example_device.py rate 5 HTICH        # no network needed
    python scripts/example_device.py send

What it keeps is in one file (``--file``). A browser keeps its key where nobody can take it out;
this one cannot, so the file opens to its owner alone. The protocol is in docs/devices.md.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

SEVEN_DAYS = 7 * 24 * 3600
STORED = ("accepted", "already", "set_aside")


def canonical(value: Any) -> bytes:
    """RFC 8785, for objects, lists, texts and whole numbers with ASCII keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> str:
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


def jwk(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    x, y = (base64url(part.to_bytes(32, "big")) for part in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def ask(url: str, data: bytes | None = None, signature: str = "") -> Any:
    """Ask the server; raises urllib.error.URLError, whose HTTPError carries problem details."""
    headers = {"Content-Type": "application/json", "Device-Signature": signature}
    asked = urllib.request.Request(url, data, headers)  # noqa: S310 (the address is one's own)
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


class Device:
    """Key, place, counter and queue, kept in one file that is written before anything is said."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}

    def keep(self) -> None:
        draft = self.file.with_suffix(".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(self.kept, out)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(self.file)

    @property
    def key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int(self.kept["secret"], 16), ec.SECP256R1())

    def enrol(self, server: str, code: str) -> None:
        """Make a key and show it with the code; safe to call again when the reply was lost."""
        if "secret" not in self.kept:
            secret = new_key().private_numbers().private_value
            self.kept = {"server": server, "secret": f"{secret:x}", "queue": [], "sent": []}
            self.keep()
        body = canonical({"protocol": 1, "code": code, "key": jwk(self.key)})
        said = ask(f"{server}/api/v1/devices", body, sign(self.key, body))
        point = ask(f"{server}/api/v1/points/{said['device']['point']}")
        paper = ask(f"{server}/api/v1/questionnaires/{said['device']['questionnaire']}")
        question = next(each for each in paper["texts"]["vi"]["questions"] if each["required"])
        self.kept |= {
            "server": server,
            "device": said["device"],
            "next": said["next_counter"],
            "point": point,
        }
        self.kept |= {"question": question["id"], "through": said["next_counter"] - 1}
        self.keep()

    def rate(self, value: int, field: str, now: int, comment: str = "", dossier: str = "") -> Any:
        """Seal a rating under the next counter; it is on disk when this returns."""
        place, salts = self.kept["device"], (os.urandom(16), os.urandom(16))
        body = {
            "version": 1,
            "id": str(uuid.uuid4()),
            "questionnaire": place["questionnaire"],
            "receiving_unit": place["receiving_unit"],
            "resolving_unit": "unknown",
            "field": field,
            "point": place["point"],
            "source": "own",
            "channel": place["kind"],
            "holder": place["holder"],
            "assurance": "claimed" if dossier else "open",
            "occasion": "unknown",
            "language": "vi",
            "answered_at": now,
            "service_on": "",
            "dossier": "",
            "answers": {self.kept["question"]: [value]},
            "comment": hashlib.sha256(salts[0] + comment.encode()).hexdigest() if comment else "",
        }
        item: dict[str, Any] = {"counter": self.kept["next"], "body": body, "dossier": ""}
        if comment:
            item |= {"comment": comment, "comment_salt": base64url(salts[0])}
        if dossier:
            item |= {"dossier_code": dossier, "dossier_salt": base64url(salts[1])}
            item["dossier"] = hashlib.sha256(salts[1] + dossier.encode()).hexdigest()
        signed = {"protocol": 1, "device": place["id"], "counter": item["counter"]}
        signed |= {"body": body, "dossier": item["dossier"]}
        item["signature"] = sign(self.key, canonical(signed))
        self.kept["next"] += 1
        self.kept["queue"].append(item)
        self.keep()
        return item

    def send(self, now_milliseconds: int) -> list[dict[str, Any]]:
        """Send one batch; what is not named stays queued, what was lost is sent again."""
        items = self.kept["queue"][:100]
        counters = [item["counter"] for item in items] or [0]
        envelope = {"protocol": 1, "sent_at": now_milliseconds, "items": items}
        envelope |= {"first": min(counters), "last": max(counters)}
        envelope |= {"queue": len(self.kept["queue"]), "version": "example/1"}
        body = canonical(envelope)
        address = f"{self.kept['server']}/api/v1/devices/{self.kept['device']['id']}/batches"
        said = ask(address, body, sign(self.key, body))
        stored = {each["counter"] for each in said["outcomes"] if each["status"] in STORED}
        refused = {each["counter"] for each in said["outcomes"] if each["status"] == "rejected"}
        second = now_milliseconds // 1000
        self.kept["sent"] += [{"at": second, **item} for item in items if item["counter"] in stored]
        self.kept["queue"] = [
            item for item in self.kept["queue"] if item["counter"] not in stored | refused
        ]
        self.kept.setdefault("quarantine", []).extend(
            item for item in items if item["counter"] in refused
        )
        self._send_again(said["counters"], second)
        self.kept["device"] = said["device"]
        self.keep()
        outcomes: list[dict[str, Any]] = said["outcomes"]
        return outcomes

    def _send_again(self, counters: dict[str, Any], second: int) -> None:
        """Queue what the server knew once and, restored from a backup, knows no longer."""
        gone = [
            item
            for item in self.kept["sent"]
            if item["counter"] > counters["highest"]
            or any(first <= item["counter"] <= last for first, last in counters["missing"])
        ]
        recent = [item for item in self.kept["sent"] if second - item["at"] <= SEVEN_DAYS]
        self.kept["sent"] = [item for item in recent if item not in gone]
        bare = [{name: item[name] for name in item if name != "at"} for item in gone]
        self.kept["queue"] = sorted(bare + self.kept["queue"], key=lambda item: item["counter"])


def main() -> None:
    """Run one command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--file", type=Path, default=Path("device.json"))
    commands = parser.add_subparsers(dest="command", required=True)
    enrol = commands.add_parser("enrol")
    enrol.add_argument("server")
    enrol.add_argument("code")
    rate = commands.add_parser("rate")
    rate.add_argument("value", type=int)
    rate.add_argument("field")
    rate.add_argument("--comment", default="")
    rate.add_argument("--dossier", default="")
    commands.add_parser("send")
    said = parser.parse_args()
    device = Device(said.file)
    if said.command == "enrol":
        device.enrol(said.server.rstrip("/"), said.code)
        print(f"Enrolled at {device.kept['device']['point']} as {device.kept['device']['holder']}.")
    elif said.command == "rate":
        item = device.rate(said.value, said.field, int(time.time()), said.comment, said.dossier)
        print(f"Kept under counter {item['counter']}.")
    else:
        while True:
            outcomes = device.send(int(time.time() * 1000))
            for each in outcomes:
                print(each["counter"], each["status"], each["code"])
            if not device.kept["queue"] or not outcomes:
                break


if __name__ == "__main__":
    main()
