"""Write what docs/faults.md and docs/errors.md say from the policy table and from the error classes.

    python tools/fault_docs.py [--check]

The table stands between two marks in docs/faults.md; docs/errors.md is written whole.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from pathlib import Path

import earthengine_export as eex
from earthengine_export import errors
from earthengine_export._batch import errors as batches
from earthengine_export._connect.faults import POLICY, Action, FaultRule
from earthengine_export.rest import ApiMethod

DOCS = Path(__file__).parent.parent / "docs"
METHODS: tuple[ApiMethod, ...] = ("export", "get", "list", "wait", "cancel", "delete", "token")
# What the client does, in words; {error} is what it raises where it must.
ACTIONS: dict[Action, str] = {
    "retry": "retry, then {error}",
    "raise": "{error}",
    "accept": "accept",
    "reconcile": "find the operation by listing, or DuplicateRequest",
    "poll": "go on with get",
    "look": "get; {error} unless it has ended",
    "accept-repeated": "{error}; done if it was sent before",
}
# What to do about the errors whose texts depend on what befell them, or that have kinds.
CURES = {
    "EarthEngineError": "Catch a kind of it where you know what to do about that kind, and this one at the "
    "outermost place. Its text says what became of the export; where `may_exist` is true, submit again with "
    "its `request_id` to get the same operation.",
    "InvalidArgument": "Correct the argument that `argument` names; the text says what it may be, and mostly "
    "what would do.",
    "InvalidArgumentType": "Give a value of a type that the text lists.",
    "ClientUnusable": "Make a new client: after a fork, one in each process. A handle that was pickled gets "
    "one by `client.operation(handle)`.",
    "CredentialsError": "Log in (`earthengine authenticate`, or `gcloud auth application-default login`), or "
    "name credentials, as [credentials](credentials.md) lists them. The text says what was tried.",
    "RequestError": "What its kinds say. `fault` is the row of [the table](faults.md) that was obeyed; what "
    "could be repeated was, `attempts` times.",
    "ApiError": "What its kinds say; the service's own text is in `message`.",
    "Unauthenticated": "Log in anew. Where the account is right, look at the machine's clock and at any "
    "proxy that takes the header off.",
    "PermissionDenied": "Grant the permission or role, or log in with the scope, that the text names; where "
    "it names an API, enable it in the project.",
    "BadReply": "Check `base_url` and any proxy: something between you and the service answers in its place. "
    "Then submit again with the same `request_id`.",
    "DuplicateRequest": "Look at the `candidates` with `client.operation(name)`. Submit with a new "
    "`request_id` only if none is it. A description of its own for each export keeps this from happening.",
    "DownloadFailed": "Call `download` again once the cause is gone: what is there is not fetched again.",
    "TargetExists": "Give another folder, or `overwrite=True` to replace the file.",
    "TargetUnusable": "Make the folder, make room, or give another; then call `download` again.",
    "ChecksumMismatch": "Something on the way changes it: fetch it over another network, or look whether the "
    "file in the bucket is being replaced meanwhile.",
    "OperationError": "What its kinds say. `client.operation(error.name)` finds the export again.",
    "FilesUnavailable": "Wait for the export's end; Drive's files and assets are not fetched by this "
    "library. The text says which it is.",
    "FilesAmbiguous": "Choose among `candidates`, and give each export a `filename_prefix` that no other "
    "begins with.",
    "OperationFailed": "Mend what the service's text names, and submit anew. Out of memory or time: smaller "
    "tiles ([how to](howto/thousand-tiles.md)); too large: `max_pixels=`; no permission: the bucket's or the "
    "asset's.",
    "OperationCancelled": "Submit it again if it is still wanted. Somebody cancelled it: this program, a "
    "colleague, or the code editor.",
    "OperationStalled": "Wait longer, or cancel it and submit it anew in smaller tiles.",
    "OperationUnclear": "Look whether its results are there before it is submitted anew.",
    "WaitTimeout": "Nothing, if it may go on: `client.operation(error.name).wait()` waits again, in any "
    "process. `cancel_on_timeout=True` cancels it instead.",
    "JournalError": "What its kinds say.",
    "JournalLocked": "Wait for the other process, or end it. A lock does not outlive its process.",
    "JournalMismatch": "Use the project and account that it was begun with, or another journal.",
    "JobChanged": "Give the changed export another key, or the old one back; or begin another journal.",
    "JournalTooNew": "Install that version or a newer one.",
    "NotAJournal": "Check the path. A damaged journal is not mended: restore a copy, or begin another; "
    "exports with ids of their content (`export.digest()`) are found again.",
    "JournalUnwritable": "Make room, or name a path that can be written, and run again: exports go on "
    "meanwhile.",
    "DestinationTaken": "Give the second job another `filename_prefix`, folder or asset name.",
    "JobUnclear": "Look at the `candidates`, or for the description in `client.operations()`. Only if none "
    "is it, `batch.retry_failed()` and another run submit the job again. A description of its own for each "
    "export keeps this from happening.",
    "JobCancelled": "Nothing, if it was meant; `batch.retry_failed()` puts it back into the line.",
}
_BETWEEN = re.compile(r"(?<=<!-- policy -->\n).*?(?=<!-- end of policy -->)", re.DOTALL)


def in_words(rule: FaultRule, method: ApiMethod) -> str:
    """What the client does when `method` meets a fault."""
    error = rule.token_raises if method == "token" else rule.raises
    return ACTIONS[rule.action_for(method)].format(error=error.__name__)


def policy_table() -> str:
    """The policy as a Markdown table: methods with the same action share a cell's words."""
    lines = ["| fault | covers | what is done | may exist | why |", "| --- | --- | --- | --- | --- |"]
    for rule in POLICY.values():
        cells: dict[str, list[str]] = {}
        for method in METHODS:
            cells.setdefault(in_words(rule, method), []).append(method)
        most = max(cells, key=lambda words: len(cells[words]))
        done = [most, *(f"{', '.join(cells[words])}: {words}" for words in cells if words != most)]
        covers = ", ".join(words for words in rule.covers if words != rule.fault)
        exists = "yes" if rule.may_exist else "no"
        lines.append(f"| {rule.fault} | {covers} | {'<br>'.join(done)} | {exists} | {rule.reason} |")
    return "\n".join(lines) + "\n"


def trees() -> list[list[str]]:
    """The docstrings that draw the trees, by paragraph."""
    return [inspect.cleandoc(str(module.__doc__)).split("\n\n") for module in (errors, batches)]


def error_classes() -> list[type[errors.EarthEngineError]]:
    """The public error classes, in the order of the trees."""
    found = [name for _, tree, _ in trees() for name in re.findall(r"^[ │]*(?:[├└]── )?(\w+)", tree, re.M)]
    return [getattr(eex, name) for name in dict.fromkeys(found)]


def cure(cls: type[errors.EarthEngineError]) -> str:
    """What to do: what the error's own text says, else what stands here."""
    own = [vars(cls).get(name, "") for name in ("_cure", "_again")]
    return CURES.get(cls.__name__) or " ".join(filter(None, own))


def errors_page() -> str:
    """All of docs/errors.md."""
    (said, tree, catch), (about, batch_tree, kept) = trees()
    parts = ["# Errors", said, f"```\n{inspect.cleandoc(tree)}\n```", catch]
    parts += [about, f"```\n{inspect.cleandoc(batch_tree)}\n```", kept]
    parts.append("This page is written by `tools/fault_docs.py` from the classes.")
    for cls in error_classes():
        cause, _, attributes = inspect.cleandoc(str(cls.__doc__)).partition("\n\nAttributes:\n")
        parents = [base.__name__ for base in cls.__mro__[1:] if base.__name__[0] != "_"]
        parents = parents[: parents.index("Exception")]
        parts.append(f"## {cls.__name__}")
        if parents:
            parts.append(f"A kind of {', '.join(parents)}.")
        parts += [f"**Cause**: {cause}", f"**Cure**: {cure(cls)}"]
        items = re.sub(r"\n {8,}", " ", attributes).splitlines()
        parts += [
            "\n".join(f"- `{name.strip()}`:{text}" for name, _, text in (i.partition(":") for i in items))
        ]
    return "\n\n".join(filter(None, parts)) + "\n"


def main() -> int:
    """Write both pages, or say which are not as they should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where a page is out of date"
    )
    check = parser.parse_args().check
    faults, pages = DOCS / "faults.md", {}
    pages[faults] = _BETWEEN.sub(lambda _: policy_table(), faults.read_text("utf-8"))
    pages[DOCS / "errors.md"] = errors_page()
    stale = [page for page, text in pages.items() if not page.exists() or page.read_text("utf-8") != text]
    for page in stale:
        if check:
            print(f"{page} is out of date: run python tools/fault_docs.py")
        else:
            page.write_text(pages[page], "utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
