"""`make drift`: what it finds, and that nothing of it goes unexplained."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import drift
import published

# What the service's own discovery document could look like after a change: one type of ours, with a field of
# another type, a field more and a value less; a method that has moved; no word about scopes.
DISCOVERY: dict[str, Any] = {
    "version": "v1beta",
    "schemas": {
        "CloudStorageDestination": {
            "id": "CloudStorageDestination",
            "type": "object",
            "properties": {
                "bucket": {"type": "string"},
                "filenamePrefix": {"type": "integer", "format": "int32"},
                "permissions": {"type": "string", "enum": ["TILE_PERMISSIONS_UNSPECIFIED", "PUBLIC"]},
                "bucketCorsUris": {"type": "array", "items": {"type": "string"}},
                "storageClass": {"type": "string"},
            },
        },
        "SomethingElse": {"id": "SomethingElse", "type": "object", "properties": {"a": {"type": "any"}}},
    },
    "resources": {
        "projects": {
            "resources": {
                "image": {
                    "methods": {
                        "export": {
                            "id": "earthengine.projects.image.export",
                            "httpMethod": "POST",
                            "flatPath": "v1beta/projects/{projectsId}/images:export",
                            "parameters": {"project": {"location": "path", "type": "string"}},
                        },
                        "computePixels": {"id": "earthengine.projects.image.computePixels"},
                    }
                }
            }
        }
    },
}


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["drift.py", *arguments])
    drift.main()


def test_every_difference_is_explained(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(monkeypatch)
    table = capsys.readouterr().out
    for source in drift.PACKAGED:
        assert f"{source}: " in table
    assert "UNEXPLAINED" not in table
    assert "STALE" not in table


def test_a_discovery_document_is_read_from_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    document = tmp_path / "discovery.json"
    document.write_text(json.dumps(DISCOVERY), encoding="utf-8")
    with pytest.raises(SystemExit, match="unexplained"):
        run(monkeypatch, "--discovery", str(document))
    assert "live discovery: " in capsys.readouterr().out

    spec = published.spec()
    found = {
        difference.subject: (spec.get(difference.subject), difference.there)
        for difference in drift.compare(spec, "live discovery", published.discovery(DISCOVERY))
        if not (difference.there == drift.NOTHING and difference.subject.startswith(("type ", "method ")))
    }
    assert found == {
        "field CloudStorageDestination.filenamePrefix": ("string", "integer(int32)"),
        "field CloudStorageDestination.storageClass": (None, "string"),
        "value CloudStorageDestination.permissions DEFAULT_OBJECT_ACL": ("known", drift.NOTHING),
        "method projects.image.export": ("POST /projects/*/image:export", "POST /projects/*/images:export"),
    }


def test_a_stale_explanation_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    entries = yaml.safe_load(drift.KNOWN.read_text(encoding="utf-8"))
    gone = {
        "subjects": ["field Number.gone"],
        "sources": ["javascript client"],
        "there": "?",
        "why": "It was.",
    }
    known = tmp_path / "known_differences.yaml"
    known.write_text(yaml.safe_dump([*entries, gone]), encoding="utf-8")
    monkeypatch.setattr(drift, "KNOWN", known)
    with pytest.raises(SystemExit, match="1 stale"):
        run(monkeypatch)
    assert "STALE" in capsys.readouterr().out
