"""What a service class declares, as nameko extensions: an entrypoint for each thing that comes in, a dependency
provider for each thing that it needs.

Behind them stands one shared extension, `RuntimeExtension`: it builds the service's runtime (store, inbox, relay,
consumer, loops) from what is declared; the container starts, drains and stops it.  The methods run in the chassis' own
loops and transactions, not in nameko's workers (docs/decisions/0019)."""

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
"""The longest piece of a pause, well below what the watchdog and /livez allow."""


class RuntimeExtension(DeclaredParts, SharedExtension):  # type: ignore[misc]
    """One a container: the service's runtime, and the instance of the service class that handles what comes in."""

    def __init__(self) -> None:
        self._declared: tuple[RuntimeProvider, ...] = ()  # nameko takes an attribute that is an extension for a part
        self._entrypoints: list[Any] = []
        self._runtime: ServiceRuntime | None = None
        self._service: Any = None

    def declare(self, provider: "RuntimeProvider") -> None:
        self._declared = (provider,)

    def add(self, entrypoint: "_Entrypoint") -> None:
        self._entrypoints.append(entrypoint)

    def service(self) -> Any:
        """The instance whose methods are called by `@subscribe`, `@consume`, `@every` and the like."""
        if self._service is None:
            self._service = service_instance(self.container)
        return self._service

    def get_runtime(self) -> ServiceRuntime:
        """Built when it is first asked for: all entrypoints are bound by then."""
        if self._runtime is None:
            (declared,), settings = self._declared, self.container.config["QIHANG"]
            retries = [entrypoint.call for entrypoint in self._of(RetryIntake)]
            options = RuntimeOptions(
                subscriptions=[entrypoint.subscription() for entrypoint in self._of(Consume)],
                loops=[entrypoint.loop(settings) for entrypoint in self._of(Every)],
                on_reconnect=[entrypoint.call for entrypoint in self._of(OnReconnect)],
                retry_intake=retries[0] if retries else None,
                counters=declared.counters, channels=declared.channels(settings), identify=declared.identify,
                channel_states=declared.channel_states, metrics=declared.metrics,
            )  # fmt: skip
            reactions = Reactions({entrypoint.call: entrypoint.events for entrypoint in self._of(Subscribe)})
            self._runtime = ServiceRuntime(
                self.container.service_name, settings, declared.tables, declared.projections, reactions, options
            )
        return self._runtime

    def _of(self, kind: type) -> list[Any]:
        chosen = [entrypoint for entrypoint in self._entrypoints if isinstance(entrypoint, kind)]
        return sorted(chosen, key=lambda entrypoint: str(entrypoint.method_name))

    def start(self) -> None:
        self.get_runtime().start(lambda loop, name: self.container.spawn_managed_thread(loop, identifier=name))

    def stop(self) -> None:
        """After the entrypoints: nothing comes in by HTTP any more.  The batch in hand is finished."""
        if self._runtime is not None:
            try:
                self._runtime.stop()
            except Exception:
                _log.exception("stopping")


def service_instance(container: Any) -> Any:
    """An instance of the container's service class with its dependencies, as nameko makes one for a worker."""
    service = container.service_cls()
    for provider in container.dependencies:
        setattr(service, provider.attr_name, provider.get_dependency(None))
    return service


def unstarted(service_class: type, settings: Settings) -> Any:
    """An instance of a service class with its dependencies, for commands and tests; no loop or server is started."""
    container = ServiceContainer(service_class, {"QIHANG": settings})
    service = service_instance(container)
    service.container = container  # extensions refer to it weakly
    return service


def reactions_of(service_class: type) -> Reactions:
    """What the class declares by `@subscribe`, as plain functions: for documentation and tests."""
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
    """`@subscribe(FindingReported, ...)` on `(self, unit_of_work, batch)`: handles other services' events.

    Called inside the inbox's transaction with all events of these classes in a batch, in order, as (event, recorded
    event).  What it appends is committed together with the cursor; it is never replayed."""

    def __init__(self, *events: type[Event]) -> None:
        super().__init__()
        self.events = events


class Consume(_Entrypoint):
    """`@consume(intake_queue("participation"), origin="intake", batch_size=500)` on `(self, deliveries)`.

    Raw messages of a queue in batches, acknowledged when the method has returned; a message that makes it raise is
    quarantined under `origin`.  For queues that outside systems fill; `turns` of the service says whose turn it is."""

    def __init__(
        self, queue: QueueSpec, origin: str, batch_size: int, turns: Callable[[Any], SenderTurns] | None = None
    ) -> None:
        super().__init__()
        self.queue, self.origin, self.batch_size, self._find_turns = queue, origin, batch_size, turns

    def subscription(self) -> Subscription:
        turns = self._turns(self._find_turns) if self._find_turns else None
        return Subscription(self.queue, self.origin, self.call, self.batch_size, measured=True, turns=turns)

    def _turns(self, find: Callable[[Any], SenderTurns]) -> SenderTurns:
        """Asked of the service when they are needed: it is there then."""
        return SenderTurns(
            lambda properties: find(self.extension.service()).sender_of(properties),
            lambda sender: find(self.extension.service()).may_send(sender),
            lambda: find(self.extension.service()).own_senders(),
        )


class Every(_Entrypoint):
    """`@every(seconds=2.0, name="reminding", wakeup=lambda service: service.sender.wakeup)` on `(self)`.

    Called again and again, with a pause of so many seconds (or what a function of the settings gives) that ends early
    when the wakeup is set.  What it raises is logged, and it is called again; /livez knows it by name."""

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
    """A loop's pause, in pieces: a loop that rests for an hour as it should is not one without progress for an hour."""
    until = time.monotonic() + seconds
    while not monitor.stopping and (left := until - time.monotonic()) > 0:
        if wakeup.wait(min(left, REST_SECONDS)):
            return
        monitor.pulse(loop)


class OnReconnect(_Entrypoint):
    """`@on_reconnect()` on `(self)`: called after every connection to the broker, to create anew what it may have
    lost."""


class RetryIntake(_Entrypoint):
    """`@retry_intake()` on `(self, entry, body, actor, correlation) -> bool`: an operator tries a quarantined report
    again."""


subscribe, consume, every = Subscribe.decorator, Consume.decorator, Every.decorator
on_reconnect, retry_intake = OnReconnect.decorator, RetryIntake.decorator


class _Provider(DeclaredParts, DependencyProvider):  # type: ignore[misc]
    extension = RuntimeExtension()


class RuntimeProvider(_Provider):
    """`runtime = RuntimeProvider(tables=..., projections=...)`: what every service declares.

    `counters`: further figures of its status; `channels`: ways out of the system and where each leads (empty: it is
    not set), from the settings, `channel_states`: those that take nothing now; `identify`: tells what more is known of
    a person who calls; `metrics`: figures with labels, for Prometheus."""

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
    """`units_of_work = UnitsOfWorkProvider()`: its write transactions."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().units_of_work


class CaughtUpProvider(_Provider):
    """`caught_up = CaughtUpProvider()`: waits until what a caller has seen elsewhere is here."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().caught_up


class PeersProvider(_Provider):
    """`peers = PeersProvider()`: the HTTP client of the other services."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().peers


class SettingsProvider(_Provider):
    """`settings = SettingsProvider()`: what the operator has configured."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().settings


class ClockProvider(_Provider):
    """`clock = ClockProvider()`: a function that gives the time, which a rehearsal may set."""

    def get_dependency(self, _worker_ctx: Any) -> Any:
        return self.extension.get_runtime().clock


class FeatureProvider(_Provider):
    """`reports = FeatureProvider(Reporting, runtime, ...)`: one object a container, made of the dependencies that are
    declared above it (and of other values as they are)."""

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
    """`keys = RemoteKeysProvider()`: the subjects' keys, fetched from participation and kept for a while."""

    def __init__(self, kept_seconds: float = 60) -> None:
        self._seconds = kept_seconds
        self._keys: RemoteKeys | None = None

    def get_dependency(self, _worker_ctx: Any) -> RemoteKeys:
        if self._keys is None:
            self._keys = RemoteKeys(self.extension.get_runtime().peers, self._seconds)
        return self._keys
