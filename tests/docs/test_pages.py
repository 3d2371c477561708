"""Each page runs."""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from earthengine_emulator import Emulator
from tests.docs import pages
from tests.emulator.conftest import write_dem

DOCS = pages.ROOT / "docs"
PAGES = [
    "../README.md",
    *sorted(
        page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md") if pages.blocks(pages.text_of(page))
    ),
]
FAST: Mapping[str, object] = {"evaluate": False, "speed": 1e5, "running_limit": 100}
# How the emulator of a page behaves, where it is not to compute and be quick.
SETTINGS: Mapping[str, Mapping[str, object]] = {"waiting.md": FAST, "batch.md": FAST}
# Programs of others that are not here: calls of them are written down, and end well.
STAND_INS = ("docker", "gcloud", "gdalbuildvrt")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning")  # rioxarray's
@pytest.mark.timeout(600)  # a page may install and start what it needs
@pytest.mark.parametrize("name", PAGES)
def test_a_page_runs(
    name: str, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As it stands, from top to bottom, in an empty folder."""
    (tmp_path / "stand-ins").mkdir()
    for program in STAND_INS:
        stand_in = tmp_path / "stand-ins" / program
        stand_in.write_text(f'#!/bin/sh\necho "{program} $*" >> "$HOME/calls"\n')
        stand_in.chmod(0o755)
    if name != "tutorial.md":
        write_dem(tmp_path / "assets" / "USGS" / "SRTMGL1_003.tif")
    settings = SETTINGS.get(name, {"speed": 100})
    with Emulator(tmp_path / "assets", tmp_path / "output", **settings) as emulator:  # type: ignore[arg-type]
        given = emulator.environment | {"GOOGLE_CLOUD_PROJECT": "my-project"}
        variables = pages.environment(tmp_path, **({} if name == "tutorial.md" else given))
        for key, value in variables.items():
            monkeypatch.setitem(os.environ, key, value)
        monkeypatch.chdir(tmp_path)
        prepare(name, emulator)
        with pages.shell(tmp_path, variables) as bash:
            pages.run_page(DOCS / name, tmp_path, bash, port, lambda: "".join(capfd.readouterr()))


def test_no_shell_line_of_a_how_to_hides_in_a_block_of_no_language() -> None:
    for page in (DOCS / "tutorial.md", *DOCS.glob("howto/*.md")):
        opened = re.findall(
            r"^ *```(\S*)[^\n]*\n.*?^ *```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
        )
        assert set(opened) <= {"python", "sh", "text", "toml", "yaml", "dockerfile"}, page


def prepare(name: str, emulator: Emulator) -> None:
    """What a page takes for granted."""
    if name in ("tutorial.md", "howto/vendor.md"):
        Path("earthengine-export").symlink_to(pages.ROOT)
    if name == "howto/proxy.md":
        trustme.CA().cert_pem.write_to_path("company-ca.pem")
    if name in ("credentials.md", "howto/service-account.md"):
        write_key(Path("key.json"))
    if name == "waiting.md":
        emulator.script()
        emulator.script(run_seconds=1e9)  # the second is the one whose time is up


def write_key(path: Path) -> None:
    """The key of a service account that does not exist."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    address = "exporter@my-project.iam.gserviceaccount.com"
    content = {
        "type": "service_account",
        "project_id": "my-project",
        "private_key_id": "1",
        "private_key": pem,
    }
    content |= {"client_email": address, "token_uri": "https://127.0.0.1:9/token"}
    path.write_text(json.dumps(content))
