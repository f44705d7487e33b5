"""A pytest plugin for CI: a skipped test fails, and says why it was skipped."""

from collections.abc import Generator
from typing import TypeVar

import pytest

# Not every clone has what a test compares with; .ci/run says so in a step of its own.
MAY_BE_MISSING = ("SEAM_OPENAPI does not say", "SHARED_FEEDS does not say")

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return without_skip((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return without_skip((yield))


def without_skip(report: Report) -> Report:
    """Turn a skip into a failure, but not the report of an expected failure, which did run."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        if any(words in str(reason) for words in MAY_BE_MISSING):
            return report
        report.outcome = "failed"
        report.longrepr = f"With CI=true no test may skip. {reason}"
    return report
