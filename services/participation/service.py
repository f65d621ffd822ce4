"""The participation service: assembles its features and declares its routes, subscriptions and loops."""

from pathlib import Path

from chassis.http.operator_routes import OperatorRoutes
from chassis.intake.pending_reports import pending_count, ready_count
from chassis.messaging import broker
from chassis.messaging.consumer import Subscription
from chassis.process.settings import Settings
from chassis.runtime.loops import Loop
from chassis.runtime.provider import RuntimeProvider
from chassis.runtime.service_runtime import Additions, ServiceRuntime
from services.participation.campaign.routes import CampaignRoutes
from services.participation.imports.handlers import Imports
from services.participation.imports.routes import ImportRoutes
from services.participation.imports.spool import Spool
from services.participation.intake import pending_loop
from services.participation.intake.handlers import BATCH, Intake
from services.participation.intake.pending_loop import PendingLoop
from services.participation.intake.routes import IntakeRoutes
from services.participation.publishers.broker_users import BrokerUsers
from services.participation.publishers.handlers import Publishers
from services.participation.publishers.routes import PublisherRoutes
from services.participation.registry.routes import RegistryRoutes
from services.participation.subscriptions import PROJECTIONS, REACTIONS
from services.participation.tables import METADATA


class Participation(ServiceRuntime):
    """The runtime with participation's features."""

    def __init__(self, settings: Settings) -> None:
        super().__init__("participation", settings, METADATA, PROJECTIONS, REACTIONS, Additions(
            subscriptions=[Subscription(broker.intake_queue("participation"), "intake",
                                        lambda batch: self.intake.consume_deliveries(batch),  # noqa: PLW0108
                                        BATCH, measured=True)],
            loops=[Loop(pending_loop.LOOP, lambda: self.pending_loop.run(), lambda: self.pending_loop.wake())],  # noqa: PLW0108
            on_reconnect=[lambda: self.publishers.restore_broker_users()],  # noqa: PLW0108
            retry_intake=lambda *entry: self.intake.retry_quarantined(*entry),  # noqa: PLW0108
            counters={"waiting": lambda connection, _: pending_count(connection),
                      "intake_pending": lambda connection, _: ready_count(connection)},
        ))  # fmt: skip
        self.pending_loop = PendingLoop(self.units_of_work, self.monitor, settings.intake_patience)
        self.intake = Intake(self.store, self.units_of_work, self.now, self.pending_loop.wake)
        spool = Spool(Path(settings.data) / "participation" / "imports")
        self.imports = Imports(self.store, self.units_of_work, spool, self.pending_loop.wake)
        broker_users = BrokerUsers(settings.broker_api_url, settings.amqp_url)
        self.publishers = Publishers(self.store, self.signer, broker_users)


class Service(CampaignRoutes, RegistryRoutes, ImportRoutes, IntakeRoutes, PublisherRoutes, OperatorRoutes):
    """Participation under nameko."""

    name = "participation"
    runtime: Participation = RuntimeProvider(Participation)
