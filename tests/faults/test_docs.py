"""The pages on faults and errors say what the code does."""

from __future__ import annotations

import earthengine_export as eex
import fault_docs
from earthengine_export._connect.faults import POLICY
from earthengine_export.errors import EarthEngineError


def test_the_pages_are_up_to_date() -> None:
    assert fault_docs.errors_page() == (fault_docs.DOCS / "errors.md").read_text("utf-8")
    assert fault_docs.policy_table() in (fault_docs.DOCS / "faults.md").read_text("utf-8")


def test_the_table_shows_every_rule() -> None:
    table = fault_docs.policy_table()
    for rule in POLICY.values():
        assert f"| {rule.fault} |" in table
        assert all(fault_docs.in_words(rule, method) in table for method in fault_docs.METHODS)


def test_every_error_is_listed_exported_and_in_the_tree() -> None:
    page = fault_docs.errors_page()
    public = {name for name in dir(eex) if isinstance(one := getattr(eex, name), type) and _is_error(one)}
    assert {cls.__name__ for cls in fault_docs.error_classes()} == public
    for cls in fault_docs.error_classes():
        assert issubclass(cls, EarthEngineError)
        assert getattr(eex, cls.__name__) is cls
        assert f"## {cls.__name__}\n" in page
        assert f" {cls.__name__} " in page.replace("\n", " ")


def test_every_error_has_a_cause_and_a_cure() -> None:
    names = {cls.__name__ for cls in fault_docs.error_classes()}
    assert set(fault_docs.CURES) <= names, "cures of errors that are no more"
    for cls in fault_docs.error_classes():
        assert cls.__doc__, cls
        assert fault_docs.cure(cls), cls


def _is_error(cls: type) -> bool:
    return issubclass(cls, EarthEngineError)
