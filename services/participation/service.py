"""The participation service: its routes, subscriptions, queues, timers and parts."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import Connection

from chassis.http.operator_routes import OperatorRoutes
from chassis.intake.pending_reports import pending_count, ready_count
from chassis.messaging import broker
from chassis.messaging.consumer import Delivery
from chassis.messaging.own_queue import SenderTurns
from chassis.messaging.reactions import HandledEvent
from chassis.process.clock import utcnow
from chassis.runtime.extensions import (
    ClockProvider,
    FeatureProvider,
    RuntimeProvider,
    SettingsProvider,
    StoreProvider,
    UnitsOfWorkProvider,
    consume,
    every,
    on_reconnect,
    retry_intake,
    subscribe,
)
from chassis.runtime.health import Metric
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.file_verification import FileVerification
from chassis.store.security_events import OF_OPERATIONS, Members
from chassis.store.unit_of_work import UnitOfWork
from services.participation import publicity_reactions
from services.participation.bundle.handlers import Bundles
from services.participation.bundle.routes import BundleRoutes
from services.participation.campaign.routes import CampaignRoutes
from services.participation.decisions.routes import DecisionRoutes
from services.participation.deliveries.assembly import assemble_deliverer
from services.participation.deliveries.broker_queues import BrokerQueues
from services.participation.deliveries.deliverer import LOOP as DELIVERIES
from services.participation.deliveries.deliverer import SECONDS as DELIVERY_SECONDS
from services.participation.deliveries.deliverer import Deliverer
from services.participation.deliveries.handlers import Deliveries
from services.participation.deliveries.interventions import Interventions
from services.participation.deliveries.queries import deliveries_failing, delivery_metrics
from services.participation.deliveries.routes import DeliveryRoutes
from services.participation.directory.routes import DirectoryRoutes
from services.participation.entries.routes import EntryRoutes
from services.participation.evidence.comparison import EvidenceComparison
from services.participation.evidence.handlers import Evidence
from services.participation.evidence.routes import EvidenceRoutes
from services.participation.evidence.upload_routes import UploadRoutes
from services.participation.exemptions.routes import ExemptionRoutes
from services.participation.filings.routes import FilingRoutes
from services.participation.findings.routes import FindingRoutes
from services.participation.history.routes import HistoryRoutes
from services.participation.holdings.routes import HoldingRoutes
from services.participation.imports.dry_run import DryRuns
from services.participation.imports.handlers import Imports
from services.participation.imports.job import LATELY_SECONDS, ImportJob
from services.participation.imports.routes import ImportRoutes
from services.participation.imports.spool import Spool
from services.participation.intake import pending_loop as pending
from services.participation.intake.handlers import BATCH, Intake
from services.participation.intake.pending_loop import PendingLoop
from services.participation.intake.routes import IntakeRoutes
from services.participation.intake.sender_turns import sender_turns
from services.participation.lookup.routes import LookupRoutes
from services.participation.publicity_reactions import DEEDS, RESTORATIONS, RETRACTIONS
from services.participation.publishers.broker_address import BrokerAddress
from services.participation.publishers.broker_users import BrokerUsers
from services.participation.publishers.figures import publisher_metrics, tokens_ending, unauthorized_today
from services.participation.publishers.handlers import Publishers
from services.participation.publishers.routes import PublisherRoutes
from services.participation.records.kind_routes import RecordKindRoutes
from services.participation.registry.identity import identify
from services.participation.registry.post_routes import PostRoutes
from services.participation.registry.record_routes import RecordRoutes
from services.participation.registry.routes import RegistryRoutes
from services.participation.roster.handlers import Rosters
from services.participation.roster.routes import RosterRoutes
from services.participation.security_events import SECURITY_MEMBERS
from services.participation.sheets.routes import SheetRoutes
from services.participation.subscribers.handlers import Subscriptions
from services.participation.subscribers.readings import KEPT_SECONDS, Readings, reading_metrics, readings_failing
from services.participation.subscribers.routes import SubscriptionRoutes
from services.participation.subscriptions import PROJECTIONS
from services.participation.tables import METADATA
from services.participation.templates.routes import TemplateRoutes
from services.participation.undo.routes import UndoRoutes
from services.participation.xapi.handlers import Statements
from services.participation.xapi.operator_routes import XapiOperatorRoutes
from services.participation.xapi.other_resources import OtherXapiRoutes
from services.participation.xapi.routes import XapiRoutes


def _pending_loop(runtime: ServiceRuntime) -> PendingLoop:
    return PendingLoop(runtime.units_of_work, runtime.monitor, runtime.settings.intake_patience)


def _intake(runtime: ServiceRuntime, pending_loop: PendingLoop) -> Intake:
    denials = runtime.verifier.denials
    return Intake(runtime.store, runtime.units_of_work, runtime.now, pending_loop.wake, denials)


def _sender_turns(runtime: ServiceRuntime, intake: Intake) -> SenderTurns:
    return sender_turns(runtime.store, "participation", intake.quotas)


def _others_ask(runtime: ServiceRuntime) -> bool:
    """Whether there was a recent request other than those of imports, of other services and of operators."""
    own = (ImportRoutes.__module__, OperatorRoutes.__module__)
    return runtime.latest_requests.seconds_since_last(own) < LATELY_SECONDS


def _imports(runtime: ServiceRuntime, pending_loop: PendingLoop) -> Imports:
    spool, dry_runs = Spool(Path(runtime.settings.data) / "participation" / "imports"), DryRuns()
    job = ImportJob(runtime.store, runtime.units_of_work, spool, dry_runs, runtime.monitor, pending_loop.wake,
                    lambda: _others_ask(runtime))  # fmt: skip
    return Imports(runtime.store, runtime.units_of_work, spool, dry_runs, job)


def _rosters(runtime: ServiceRuntime, pending_loop: PendingLoop) -> Rosters:
    folder = Path(runtime.settings.data) / "participation" / "rosters"
    return Rosters(runtime.store, runtime.units_of_work, folder, runtime.now, pending_loop.wake, runtime.monitor)


def _evidence(runtime: ServiceRuntime) -> Evidence:
    folder = Path(runtime.settings.data) / "participation" / "evidence"
    return Evidence(runtime.store, runtime.units_of_work, folder, runtime.settings, runtime.clock)


def _file_verification(runtime: ServiceRuntime, comparison: EvidenceComparison) -> FileVerification:
    return FileVerification(runtime.store, comparison.compare, comparison.orphans, runtime.kept_outcome("files"))


def _evidence_comparison(runtime: ServiceRuntime) -> EvidenceComparison:
    return EvidenceComparison(runtime.store, Path(runtime.settings.data) / "participation" / "evidence" / "files")


def _bundles(runtime: ServiceRuntime) -> Bundles:
    own = Path(runtime.settings.data) / "participation"
    return Bundles(
        runtime.store,
        runtime.units_of_work,
        own / "bundles",
        own / "evidence",
        runtime.signer,
        runtime.clock,
        runtime.settings.fonts,
    )


def _statements(runtime: ServiceRuntime, intake: Intake, pending_loop: PendingLoop) -> Statements:
    return Statements(runtime.units_of_work, intake.quotas, pending_loop.wake)


def _publishers(runtime: ServiceRuntime, pending_loop: PendingLoop) -> Publishers:
    settings = runtime.settings
    return Publishers(
        runtime.store, runtime.units_of_work, runtime.signer, BrokerUsers(settings.broker_api_url, settings.amqp_url),
        pending_loop.wake, runtime.verifier.denials, BrokerAddress.of(settings.amqps_address, settings.amqps_ca_file),
    )  # fmt: skip


def _subscriptions(runtime: ServiceRuntime) -> Subscriptions:
    return Subscriptions(runtime.store, runtime.units_of_work, runtime.signer, runtime.now)


def _readings(runtime: ServiceRuntime) -> Readings:
    return Readings(runtime.store, utcnow)


def _broker_queues(runtime: ServiceRuntime) -> BrokerQueues:
    return BrokerQueues(runtime.settings.broker_api_url, runtime.settings.amqp_url)


def _deliverer(runtime: ServiceRuntime, broker_queues: BrokerQueues) -> Deliverer:
    folder = Path(runtime.settings.data) / "participation"
    return assemble_deliverer(runtime.store, runtime.settings, runtime.monitor, broker_queues, folder)


def _deliveries(runtime: ServiceRuntime, broker_queues: BrokerQueues, deliverer: Deliverer) -> Deliveries:
    address = BrokerAddress.of(runtime.settings.amqps_address, runtime.settings.amqps_ca_file)
    return Deliveries(runtime.units_of_work, broker_queues, address, utcnow, deliverer.wakeup.set)


def _interventions(runtime: ServiceRuntime, deliverer: Deliverer) -> Interventions:
    return Interventions(runtime.units_of_work, utcnow, deliverer.wakeup.set)


def _metrics(connection: Connection, now: datetime) -> list[Metric]:
    every = (publisher_metrics, delivery_metrics, reading_metrics)
    return [metric for metrics_of in every for metric in metrics_of(connection, now)]


def _subscriptions_failing(connection: Connection, now: datetime) -> int:
    return deliveries_failing(connection, now) + readings_failing(connection, now)


class Service(
    CampaignRoutes,
    RegistryRoutes,
    PostRoutes,
    DirectoryRoutes,
    ImportRoutes,
    RosterRoutes,
    IntakeRoutes,
    PublisherRoutes,
    SubscriptionRoutes,
    DeliveryRoutes,
    HoldingRoutes,
    HistoryRoutes,
    EntryRoutes,
    ExemptionRoutes,
    DecisionRoutes,
    RecordRoutes,
    UndoRoutes,
    LookupRoutes,
    TemplateRoutes,
    RecordKindRoutes,
    UploadRoutes,
    EvidenceRoutes,
    BundleRoutes,
    FilingRoutes,
    SheetRoutes,
    FindingRoutes,
    XapiRoutes,
    OtherXapiRoutes,
    XapiOperatorRoutes,
    OperatorRoutes,
):
    """The nameko service class of participation."""

    name = "participation"
    security_members: ClassVar[Members] = {**OF_OPERATIONS, **SECURITY_MEMBERS}

    runtime = RuntimeProvider(METADATA, PROJECTIONS, identify=identify, counters={
        "waiting": lambda connection, _: pending_count(connection),
        "intake_pending": lambda connection, _: ready_count(connection),
        "tokens_ending": tokens_ending, "publishers_unauthorized": unauthorized_today,
        "deliveries_failing": _subscriptions_failing,
    }, metrics=_metrics)  # fmt: skip
    store, units_of_work = StoreProvider(), UnitsOfWorkProvider()
    clock, settings = ClockProvider(), SettingsProvider()
    pending_loop = FeatureProvider(_pending_loop, runtime)
    intake = FeatureProvider(_intake, runtime, pending_loop)
    sender_turns = FeatureProvider(_sender_turns, runtime, intake)
    imports = FeatureProvider(_imports, runtime, pending_loop)
    rosters = FeatureProvider(_rosters, runtime, pending_loop)
    evidence = FeatureProvider(_evidence, runtime)
    evidence_comparison = FeatureProvider(_evidence_comparison, runtime)
    file_verification = FeatureProvider(_file_verification, runtime, evidence_comparison)
    bundles = FeatureProvider(_bundles, runtime)
    publishers = FeatureProvider(_publishers, runtime, pending_loop)
    statements = FeatureProvider(_statements, runtime, intake, pending_loop)
    subscriptions = FeatureProvider(_subscriptions, runtime)
    broker_queues = FeatureProvider(_broker_queues, runtime)
    readings = FeatureProvider(_readings, runtime)
    deliverer = FeatureProvider(_deliverer, runtime, broker_queues)
    deliveries = FeatureProvider(_deliveries, runtime, broker_queues, deliverer)
    interventions = FeatureProvider(_interventions, runtime, deliverer)

    @subscribe(*DEEDS, *RETRACTIONS, *RESTORATIONS)
    def record_publicity_deeds(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        publicity_reactions.record_publicity_deeds(unit_of_work, batch)

    @consume(broker.intake_queue("participation"), "intake", BATCH, turns=lambda service: service.sender_turns)
    def consume_reports(self, deliveries: Sequence[Delivery]) -> None:
        self.runtime.latest_requests.note("intake")
        self.intake.consume_deliveries(deliveries)

    @retry_intake()
    def retry_quarantined_report(self, entry: Any, body: bytes, actor: object, correlation: str) -> bool:
        retried: bool = self.intake.retry_quarantined(entry, body, actor, correlation)
        return retried

    @every(seconds=pending.pause_seconds, name=pending.LOOP, wakeup=lambda service: service.pending_loop.wakeup)
    def decide_pending_reports(self) -> None:
        self.pending_loop.decide_all()

    @every(seconds=60.0, name="publishers")
    def keep_publishers_figures(self) -> None:
        self.publishers.keep_figures()

    @every(seconds=KEPT_SECONDS, name="readings")
    def keep_readings(self) -> None:
        self.readings.keep()

    @every(seconds=DELIVERY_SECONDS, name=DELIVERIES, wakeup=lambda service: service.deliverer.wakeup)
    def deliver_public_events(self) -> None:
        self.deliverer.deliver_due()

    @on_reconnect()
    def restore_broker_users(self) -> None:
        self.publishers.restore_broker_users()

    @on_reconnect()
    def restore_subscription_queues(self) -> None:
        self.deliveries.restore_queues()
