"""Switches off the DNS cache of eventlet's resolver, so that host names are looked up each time, as libc does.

With the cache, a service started before its peer would keep "no such name" or an old address for the record's TTL."""

import os
from typing import Any


def install() -> None:
    """Replace eventlet's resolver by one that clears its cache before each query, if that resolver is in use."""
    if os.environ.get("EVENTLET_NO_GREENDNS", "").lower() == "yes":
        return
    from eventlet.support import greendns  # slow to load

    class FreshNames(greendns.ResolverProxy):  # type: ignore[misc]
        def query(self, *arguments: Any, **options: Any) -> Any:
            self.clear()
            return super().query(*arguments, **options)

    greendns.resolver = FreshNames(hosts_resolver=greendns.HostsResolver())
