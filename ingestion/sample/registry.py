"""Finds the sample vendors: every module in ``vendors/``. There is no list to edit.

Belongs here: which vendor answers which host, all kinds of faults, reading faults from text. Does not: any one vendor.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from functools import lru_cache

from ingestion.sample import vendors
from ingestion.sample.faults import kinds
from ingestion.sample.faults.text import Fault, read
from ingestion.sample.reply import Reply
from ingestion.sample.table import Table
from ingestion.sample.vendor import Vendor


@lru_cache(1)
def all_vendors() -> dict[str, Vendor]:
    """Every sample vendor by the name of its module.

    Raises ValueError for a module without ``VENDOR``, a host or a fault declared twice, a vendor without examples.
    """
    found: dict[str, Vendor] = {}
    for module in pkgutil.iter_modules(vendors.__path__):
        declared = getattr(importlib.import_module(f"{vendors.__name__}.{module.name}"), "VENDOR", None)
        if not isinstance(declared, Vendor):
            raise ValueError(f"ingestion/sample/vendors/{module.name}.py must export VENDOR, a Vendor")
        found[module.name] = declared
    hosts = Counter(host for vendor in found.values() for host in vendor.hosts)
    named = Counter(kind for vendor in found.values() for kind in vendor.faults) + Counter(kinds.KINDS)
    wrong = [f"{one!r} is declared {n} times" for one, n in (hosts + named).items() if n > 1]
    for name, vendor in found.items():
        if {example.partition("/")[0] for example in vendor.examples} - set(vendor.hosts) or not vendor.examples:
            wrong.append(f"{name}: examples must be host/path of its own hosts {vendor.hosts}, at least one")
    if wrong:
        raise ValueError("sample vendors: " + "; ".join(wrong))
    return found


@lru_cache(1)
def _by_host() -> dict[str, Vendor]:
    return {host: vendor for vendor in all_vendors().values() for host in vendor.hosts}


def vendor_of(host: str) -> Vendor | None:
    """The vendor that answers for a host."""
    return _by_host().get(host)


@lru_cache(1)
def fault_kinds() -> frozenset[str]:
    """Every kind of fault: those any vendor can have and those of one vendor's format."""
    return kinds.KINDS.union(*(vendor.faults for vendor in all_vendors().values()))


def fault_from_text(text: str) -> Fault:
    """Parse ``kind@substring[;name=value…]``. Raises ValueError that names the kinds and the form."""
    return read(text, fault_kinds())


def faults_from_text(text: str) -> tuple[Fault, ...]:
    """Parse faults joined by ``|``; nothing for an empty text."""
    return tuple(fault_from_text(part) for part in text.split("|")) if text else ()


def table_of(host: str, answer: Reply) -> Table | None:
    """The rows of a host's answer; None for an answer without rows (an error, an empty window, another format)."""
    vendor = vendor_of(host)
    return vendor.table(answer) if vendor and answer[0] == 200 else None
