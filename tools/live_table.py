"""The table of assumptions: what is asked, what is taken for granted, and the probe of each."""

from __future__ import annotations

from collections.abc import Callable

import drift
import live_probes as probes
import published
from live_probes import Assumption
from live_service import Service

ANY = ("*",)
AGREES = "no difference without an explanation"


def _export(key: str, **changes: object) -> Callable[[Service], str]:
    """A submit with fields that are wrong."""

    def probe(service: Service) -> str:
        body = {**probes.exports(service)["byte"], "requestId": f"{service.run}-{key}", **changes}
        reply = service.start(key, body)
        return "accepted" if reply.status == 200 else reply.refusal

    return probe


def _get(path: str) -> Callable[[Service], str]:
    """A GET that finds nothing."""

    def probe(service: Service) -> str:
        reply = service.ask("GET", path.format(project=service.project))
        return "accepted" if reply.status == 200 else reply.refusal

    return probe


def _anonymous(service: Service) -> str:
    """A request without credentials."""
    reply = service.ask_as_nobody("GET", f"projects/{service.project}/operations")
    return "accepted" if reply.status == 200 else reply.refusal


def _discovery(service: Service) -> str:
    """The types in the service's own description of itself, beside those of the spec."""
    where = f"{service.base_url}/$discovery/rest?version=v1beta"
    found = drift.compare(published.spec(), "live discovery", published.fetched_discovery(where))
    known = {(difference.subject, difference.there) for difference in drift.explanations()}
    new = [one for one in found if one.subject.split()[0] in ("type", "field", "value")]
    said = [f"{one.subject}: {one.there}" for one in new if one[1:] not in known]
    return "; ".join(said[:20]) or AGREES


BAD = "refused with 400 INVALID_ARGUMENT"
BROKEN = {"values": {"0": {"constantValue": 1}}, "result": "1"}
REFUSALS = (
    (
        "no credentials",
        _anonymous,
        ("refused with 401 UNAUTHENTICATED", "refused with 403 *", "accepted"),
        "accepted",
    ),
    (
        "no such operation",
        _get("projects/{project}/operations/NOSUCHOPERATIONATALL"),
        ("refused with 404 NOT_FOUND",),
        "refused with 404 NOT_FOUND",
    ),
    (
        "a project of nobody",
        _get("projects/earthengine-export-of-nobody-0/operations"),
        ("refused with 40[34] *", "accepted"),
        "accepted",
    ),
    (
        "no such method",
        _get("projects/{project}/image:noSuchMethod"),
        ("refused with 404*",),
        "refused with 404 NOT_FOUND",
    ),
    ("an unknown field", _export("field", noSuchField=1), (BAD,), BAD),
    ("a priority of 10,000", _export("priority", priority=10_000), (BAD,), BAD),
    ("a requestId of 61 characters", _export("id", requestId="a" * 61), (BAD,), BAD),
    ("a requestId with a dot", _export("dot", requestId="a.b"), (BAD,), BAD),
    ("an expression without its result", _export("result", expression=BROKEN), (BAD,), BAD),
    ("a workload tag with a space", _export("workload", workloadTag="a b"), (BAD,), BAD),
)

ASSUMPTIONS = (
    Assumption(
        "refused-id",
        "Is a requestId used up by a submit that was refused?",
        ("free: *", "used up: *"),
        "free: the next export with it starts",
        probes.refused_id,
    ),
    Assumption(
        "wait",
        "How long does :wait hold an operation that has not ended?",
        ("held *", "answered at once", "refused with 501 *", "refused with 404*"),
        "held as long as asked",
        probes.hold,
    ),
    Assumption(
        "same-id-same-body",
        "What does a repeated requestId with the same body get?",
        ("the same operation", "refused with * the known text"),
        "the same operation",
        probes.same_id_same_body,
    ),
    Assumption(
        "same-id-other-body",
        "And with another body?",
        ("the same operation", "refused with * the known text"),
        "the same operation",
        probes.same_id_other_body,
    ),
    Assumption("list-order", "In which order are operations listed?", ANY, "newest first", probes.order),
    Assumption(
        "page",
        "What does pageSize=2 give?",
        ("2 operations, with a token",),
        "2 operations, with a token",
        probes.small_page,
    ),
    Assumption("large-page", "And pageSize=100000?", ("accepted", f"{BAD}"), "accepted", probes.large_page),
    Assumption(
        "fields", "Does ?fields=name trim a reply?", ("ignored", "trims the reply"), "ignored", probes.fields
    ),
    Assumption(
        "filter", "Is ?filter= applied?", ("ignored", "applied", "refused *"), "ignored", probes.filter_
    ),
    Assumption(
        "cancel-running",
        "How does an operation end that was cancelled?",
        ("CANCELLED, error code 1",),
        "CANCELLED, error code 1",
        probes.cancel_running,
    ),
    Assumption(
        "work-units",
        "What is totalWorkUnits in JSON?",
        ("a number", "text", "absent"),
        "text",
        probes.work_units,
    ),
    Assumption(
        "response",
        "What is in `response`?",
        ("* with *", "absent"),
        "*.Empty with nothing in it",
        probes.response,
    ),
    Assumption(
        "cancel-ended",
        "What does cancelling an ended operation get?",
        ("nothing happens", "refused with 4*"),
        "nothing happens",
        probes.cancel_ended,
    ),
    Assumption(
        "file-uris",
        "Which destinationUris has an export to Cloud Storage?",
        ("*BUCKET/FOLDER/*", "absent"),
        "https://console.developers.google.com/storage/browser/BUCKET/FOLDER/",
        probes.file_uris,
    ),
    Assumption(
        "asset-uris",
        "And an export to an asset?",
        ("*ASSET", "absent"),
        "https://code.earthengine.google.com/?asset=ASSET",
        probes.asset_uris,
    ),
    Assumption(
        "overwrite", "Does v1beta take `overwrite` of an asset?", ("accepted",), "accepted", probes.overwrite
    ),
    Assumption(
        "metadata-keys",
        "Does v1beta take `metadataKeys` of a GeoTIFF?",
        ("accepted",),
        "accepted",
        probes.metadata_keys,
    ),
    Assumption(
        "too-large",
        "What becomes of an export above maxPixels?",
        ("failed with code *", "refused with 400 *"),
        "failed with code 3",
        probes.too_large,
    ),
    Assumption(
        "no-such-function",
        "And of a graph with an unknown function?",
        ("failed with code *", "refused with 400 *"),
        "failed with code 3",
        probes.no_such_function,
    ),
    Assumption(
        "masked-float",
        "What do masked floats become in a GeoTIFF?",
        ("NaN, *", "0, *"),
        "NaN, and the file names none as no data",
        probes.masked_float,
    ),
    Assumption(
        "masked-byte",
        "And masked bytes?",
        ("0, *",),
        "0, and the file names none as no data",
        probes.masked_byte,
    ),
    Assumption(
        "masked-no-data",
        "And with noData=-9999?",
        ("-9999, and the file names -9999 as no data",),
        "-9999, and the file names -9999 as no data",
        probes.masked_no_data,
    ),
    Assumption(
        "split-names",
        "How are the parts of a GeoTIFF named?",
        ("split0000000000-0000000000.tif split0000000000-0000000256.tif",),
        "split0000000000-0000000000.tif split0000000000-0000000256.tif",
        probes.split_names,
    ),
    Assumption(
        "record-names",
        "And TFRecords?",
        ("records*00000.tfrecord* *mixer.json", "*mixer.json records*00000.tfrecord*"),
        "records-00000.tfrecord records-mixer.json",
        probes.record_names,
    ),
    Assumption(
        "discovery",
        "Does the service's discovery document say what the spec says?",
        (AGREES,),
        AGREES,
        _discovery,
    ),
    *(
        Assumption(f"refusal: {what}", f"What does {what} get?", library, emulator, probe)
        for what, probe, library, emulator in REFUSALS
    ),
)
# What cannot be tried for cents, or without a second account.
NOT_TRIED = {
    "the status of a full queue": "it takes 3,000 tasks; it is told by its text, whatever the status",
    "the default size of a page": "it takes more operations than a project has",
    "ten days' lifetime": "it takes ten days",
}
