"""Looks host names up anew each time, as libc does; eventlet's resolver keeps answers as long as the name server says.

A service that was started before its peer would keep "no such name", or a former address, for minutes or hours."""

import os
from typing import Any


def install() -> None:
    """Takes the memory from eventlet's resolver, where it is in use."""
    if os.environ.get("EVENTLET_NO_GREENDNS", "").lower() == "yes":
        return
    from eventlet.support import greendns  # slow to load

    class FreshNames(greendns.ResolverProxy):  # type: ignore[misc]
        def query(self, *arguments: Any, **options: Any) -> Any:
            self.clear()
            return super().query(*arguments, **options)

    greendns.resolver = FreshNames(hosts_resolver=greendns.HostsResolver())
