"""The nameko extensions that a service class declares: entrypoints for what comes in, dependency providers for what it
needs.

They share one extension, `RuntimeExtension`, which builds the service's runtime (store, inbox, relay, consumer, loops);
the container starts, drains and stops it.  Methods run in the chassis' loops and transactions, not in nameko's workers
(docs/decisions/0019)."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from nameko.containers import ServiceContainer
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR, DependencyProvider, Entrypoint, SharedExtension
from sqlalchemy import MetaData

from chassis.events.definition import Event
from chassis.messaging.broker import QueueSpec
from chassis.messaging.consumer import Subscription
from chassis.messaging.own_queue import SenderTurns
from chassis.messaging.reactions import Reactions
from chassis.process.extension_parts import DeclaredParts
from chassis.process.greenlets import Wakeup
from chassis.process.loop_monitor import LoopMonitor
from chassis.process.settings import Settings
from chassis.runtime.health import ChannelStates, Counter, Metrics
from chassis.runtime.loops import Loop
from chassis.runtime.service_runtime import Identify, RuntimeOptions, ServiceRuntime
from chassis.store.projections import Projections
from chassis.store.remote_subject_keys import RemoteKeys

_log = structlog.get_logger(__name__)
REST_SECONDS = 2.0
"""The longest wait without a sign of progress, well below the limit of the watchdog and /livez."""


class RuntimeExtension(DeclaredParts, SharedExtension):  # type: ignore[misc]
    """One per container: the service's runtime, and the instance of the service class that handles what comes in."""

    def __init__(self) -> None:
        # in a tuple: nameko treats an attribute that is an extension as a part to set up
        self._declared: tuple[RuntimeProvider, ...] = ()
        self._entrypoints: list[Any] = []
        self._runtime: ServiceRuntime | None = None
        self._service: Any = None

    def declare(self, provider: "RuntimeProvider") -> None:
        self._declared = (provider,)

    def add(self, entrypoint: "_Entrypoint") -> None:
        self._entrypoints.append(entrypoint)

    def service(self) -> Any:
        """The instance whose methods `@subscribe`, `@consume`, `@every` and the like call."""
        if self._service is None:
            self._service = service_instance(self.container)
        return self._service

    def get_runtime(self) -> ServiceRuntime:
        """The runtime; built at the first call, when all entrypoints are bound."""
        if self._runtime is None:
            (declared,), settings = self._declared, self.container.config["QIHANG"]
            retries = [entrypoint.call for entrypoint in self._of_kind(RetryIntake)]
            options = RuntimeOptions(
                subscriptions=[entrypoint.subscription() for entrypoint in self._of_kind(Consume)],
                loops=[entrypoint.loop(settings) for entrypoint in self._of_kind(Every)],
                on_reconnect=[entrypoint.call for entrypoint in self._of_kind(OnReconnect)],
                retry_intake=retries[0] if retries else None,
                counters=declared.counters, channels=declared.channels(settings), identify=declared.identify,
                channel_states=declared.channel_states, metrics=declared.metrics,
            )  # fmt: skip
            reactions = Reactions({entrypoint.call: entrypoint.events for entrypoint in self._of_kind(Subscribe)})
            self._runtime = ServiceRuntime(
                self.container.service_name, settings, declared.tables, declared.projections, reactions, options
            )
        return self._runtime

    def _of_kind(self, kind: type) -> list[Any]:
        chosen = [entrypoint for entrypoint in self._entrypoints if isinstance(entrypoint, kind)]
        return sorted(chosen, key=lambda entrypoint: str(entrypoint.method_name))

    def start(self) -> None:
        self.get_runtime().start(lambda loop, name: self.container.spawn_managed_thread(loop, identifier=name))

    def stop(self) -> None:
        """Finish the batch in hand and stop; called after the entrypoints stopped, so that no more requests arrive."""
        if self._runtime is not None:
            try:
                self._runtime.stop()
            except Exception:
                _log.exception("stopping")


def service_instance(container: Any) -> Any:
    """An instance of the container's service class with its dependencies, as nameko creates one for a worker."""
    service = container.service_cls()
    for provider in container.dependencies:
        setattr(service, provider.attr_name, provider.get_dependency(None))
    return service


def unstarted(service_class: type, settings: Settings) -> Any:
    """An instance of a service class with its dependencies, for commands and tests; starts no loop and no server."""
    container = ServiceContainer(service_class, {"QIHANG": settings})
    service = service_instance(container)
    service.container = container  # extensions hold only a weak reference to it
    return service


def reactions_of(service_class: type) -> Reactions:
    """The reactions that the class declares by `@subscribe`, as plain functions; for documentation and tests."""
    functions = [item for item in vars(service_class).values() if callable(item)]
    return Reactions({function: entrypoint.events for function in functions
                      for entrypoint in getattr(function, ENTRYPOINT_EXTENSIONS_ATTR, ())
                      if isinstance(entrypoint, Subscribe)})  # fmt: skip


class _Entrypoint(DeclaredParts, Entrypoint):  # type: ignore[misc]
    extension = RuntimeExtension()
    method_name: str

    def bind(self, container: Any, method_name: str) -> Any:
        bound = super().bind(container, method_name)
        bound.extension.add(bound)
        return bound

    def call(self, *arguments: Any) -> Any:
        """Call the decorated method."""
        return getattr(self.extension.service(), self.method_name)(*arguments)


class Subscribe(_Entrypoint):
    """Entrypoint `@subscribe(FindingReported, ...)` of a reaction `(self, unit_of_work, batch)`.

    Called in the inbox's transaction with all events of these classes in a batch, in order, as (event, recorded
    event).  Events that it appends are committed together with the cursor; it is never replayed."""

    def __init__(self, *events: type[Event]) -> None:
        super().__init__()
        self.events = events


class Consume(_Entrypoint):
    """Entrypoint `@consume(intake_queue("participation"), origin="intake", batch_size=500)` of a method
    `(self, deliveries)` that handles a batch of raw messages.  They are acknowledged when it returns; a message for
    which it raises is quarantined under `origin`.  For queues that outside systems fill."""

    def __init__(
        self, queue: QueueSpec, origin: str, batch_size: int, turns: Callable[[Any], SenderTurns] | None = None
    ) -> None:
        super().__init__()
        self.queue, self.origin, self.batch_size, self._find_turns = queue, origin, batch_size, turns

    def subscription(self) -> Subscription:
        turns = self._turns(self._find_turns) if self._find_turns else None
        return Subscription(self.queue, self.origin, self.call, self.batch_size, measured=True, turns=turns)

    def _turns(self, find: Callable[[Any], SenderTurns]) -> SenderTurns:
        """Called when first needed: the service instance exists by then."""
        return SenderTurns(
            lambda properties: find(self.extension.service()).sender_of(properties),
            lambda sender: find(self.extension.service()).may_send(sender),
            lambda: find(self.extension.service()).own_senders(),
        )


class Every(_Entrypoint):
    """Entrypoint `@every(seconds=2.0, name="reminding", wakeup=lambda service: service.sender.wakeup)` of a method
    `(self)` that is called in a loop, with a pause of so many seconds (or a function of the settings) that ends early
    when the wakeup is set.  An exception is logged and the loop goes on; /livez lists the loop under `name`."""

    def __init__(
        self, seconds: float | Callable[[Settings], float], name: str, wakeup: Callable[[Any], Wakeup] | None = None
    ) -> None:
        super().__init__()
        self.seconds, self.name = seconds, name
        self._find_wakeup, self._own_wakeup = wakeup, Wakeup()

    def loop(self, settings: Settings) -> Loop:
        seconds = self.seconds(settings) if callable(self.seconds) else self.seconds
        return Loop(self.name, lambda: self._run(seconds), lambda: self._wakeup().set())

    def _run(self, seconds: float) -> None:
        monitor, wakeup = self.extension.get_runtime().monitor, self._wakeup()
        while not monitor.stopping:
            wakeup.clear()
            self.call()
            monitor.pulse(self.name)
            rest(wakeup, seconds, monitor, self.name)

    def _wakeup(self) -> Wakeup:
        return self._find_wakeup(self.extension.service()) if self._find_wakeup else self._own_wakeup


def rest(wakeup: Wakeup, seconds: float, monitor: LoopMonitor, loop: str) -> None:
    """The pause of a loop, in pieces that report progress: a loop that pauses for an hour is not stuck."""
    until = time.monotonic() + seconds
    while not monitor.stopping and (left := until - time.monotonic()) > 0:
        if wakeup.wait(min(left, REST_SECONDS)):
            return
        monitor.pulse(loop)


class OnReconnect(_Entrypoint):
    """Entrypoint `@on_reconnect()` of a method `(self)` that runs after every connection to the broker, to create anew
    what the broker may have lost."""


class RetryIntake(_Entrypoint):
    """Entrypoint `@retry_intake()` of a method `(self, entry, body, actor, correlation) -> bool`: an operator retries a
    quarantined report."""


subscribe, consume, every = Subscribe.decorator, Consume.decorator, Every.decorator
on_reconnect, retry_intake = OnReconnect.decorator, RetryIntake.decorator


class _Provider(DeclaredParts, DependencyProvider):  # type: ignore[misc]
    extension = RuntimeExtension()


class RuntimeProvider(_Provider):
    """`runtime = RuntimeProvider(tables=..., projections=...)`, declared by every service.

    `counters`: further figures of its status; `channels`: outgoing channels and where each leads (empty: not
    configured), from the settings; `channel_states`: those that take no messages now; `identify`: adds what the service
    knows of a calling person; `metrics`: figures with labels, for Prometheus."""

    def __init__(
        self, tables: MetaData, projections: Projections, counters: Mapping[str, Counter] | None = None,
        channels: Callable[[Settings], Mapping[str, str]] = lambda _: {}, identify: Identify | None = None,
        channel_states: ChannelStates = lambda *_: {}, metrics: Metrics = lambda *_: (),
    ) -> None:  # fmt: skip
        self.metrics = metrics
        self.tables, self.projections, self.counters, self.channels = tables, projections, counters or {}, channels
        self.identify, self.channel_states = identify, channel_states

    def bind(self, container: Any, attr_name: str) -> Any:
        bound = super().bind(container, attr_name)
        bound.extension.declare(bound)
        return bound

    def get_dependency(self, _worker_ctx: Any) -> ServiceRuntime:
        return self.extension.get_runtime()


class StoreProvider(_Provider):
    """`store = StoreProvider()`: the service's own store."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().store


class UnitsOfWorkProvider(_Provider):
    """`units_of_work = UnitsOfWorkProvider()`: the service's write transactions."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().units_of_work


class CaughtUpProvider(_Provider):
    """`caught_up = CaughtUpProvider()`: waits until the service has applied what a caller has seen elsewhere."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().caught_up


class PeersProvider(_Provider):
    """`peers = PeersProvider()`: the HTTP client of the other services."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().peers


class SettingsProvider(_Provider):
    """`settings = SettingsProvider()`: the operator's configuration."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().settings


class ClockProvider(_Provider):
    """`clock = ClockProvider()`: a function that returns the current time; in a rehearsal of a settable clock."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().clock


class FeatureProvider(_Provider):
    """`reports = FeatureProvider(Reporting, runtime, ...)`: one object per container, constructed with the dependencies
    declared above it; other arguments are passed as they are."""

    def __init__(self, make: Callable[..., Any], *arguments: Any) -> None:
        self._make, self._arguments = make, arguments
        self._feature: Any = None

    def get_dependency(self, _worker_ctx: Any) -> Any:
        if self._feature is None:
            self._feature = self._make(*(self._resolve(argument) for argument in self._arguments))
        return self._feature

    def _resolve(self, argument: Any) -> Any:
        if not isinstance(argument, DependencyProvider):
            return argument
        (bound,) = (item for item in self.container.dependencies if item.attr_name == argument.attr_name)
        return bound.get_dependency(None)


class RemoteKeysProvider(_Provider):
    """`keys = RemoteKeysProvider()`: subjects' keys, fetched from participation and cached for a limited time."""

    def __init__(self, kept_seconds: float = 60) -> None:
        self._seconds = kept_seconds
        self._keys: RemoteKeys | None = None

    def get_dependency(self, _worker_ctx: Any) -> RemoteKeys:
        if self._keys is None:
            self._keys = RemoteKeys(self.extension.get_runtime().peers, self._seconds)
        return self._keys
