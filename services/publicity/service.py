"""The publicity service: its routes, subscriptions, loops and parts."""

from collections.abc import Sequence

from chassis.http.operator_routes import OperatorRoutes
from chassis.messaging.reactions import HandledEvent
from chassis.runtime.extensions import (
    ClockProvider,
    FeatureProvider,
    RemoteKeysProvider,
    RuntimeProvider,
    every,
    subscribe,
)
from chassis.runtime.service_runtime import ServiceRuntime
from chassis.store.file_verification import FileVerification
from chassis.store.remote_subject_keys import RemoteKeys
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import PersonErased
from services.publicity.anthologies.routes import AnthologyRoutes
from services.publicity.articles.link_checks import LinkChecks
from services.publicity.articles.routes import ArticleRoutes
from services.publicity.content_files import ContentFiles
from services.publicity.content_routes import ContentRoutes
from services.publicity.content_store import ContentStore
from services.publicity.context import PublicityContext
from services.publicity.next_steps.routes import NextStepRoutes
from services.publicity.readings.due_hand_overs import hand_over_due_readings
from services.publicity.readings.routes import ReadingRoutes
from services.publicity.record_routes import RecordRoutes
from services.publicity.reviews.routes import ReviewRoutes
from services.publicity.subscriptions import PROJECTIONS
from services.publicity.tables import metadata, registry
from services.publicity.videos.routes import VideoRoutes
from services.publicity.wechat.accounts import accounts
from services.publicity.wechat.publishing import IDLE_SECONDS, WeChatPublisher
from services.publicity.wechat.routes import WeChatRoutes
from services.publicity.works.handlers import withdraw_consent_of_erased_persons
from services.publicity.works.routes import WorkRoutes
from services.registry.identity import identify_by


def _content_store(runtime: ServiceRuntime, keys: RemoteKeys) -> ContentStore:
    return ContentStore(runtime.data / runtime.service / "content", keys)


def _content_files(runtime: ServiceRuntime, keys: RemoteKeys, content_store: ContentStore) -> ContentFiles:
    return ContentFiles(runtime.store, content_store, keys)


def _file_verification(runtime: ServiceRuntime, files: ContentFiles) -> FileVerification:
    return FileVerification(runtime.store, files.compare, lambda: files.orphans(0), runtime.kept_outcome("files"))


def _context(runtime: ServiceRuntime, keys: RemoteKeys, content_store: ContentStore) -> PublicityContext:
    settings = runtime.settings
    return PublicityContext(runtime.store, runtime.unit_of_work, keys, content_store, settings.fonts, runtime.now)


def _publisher(runtime: ServiceRuntime, publicity: PublicityContext) -> WeChatPublisher:
    own_accounts = accounts(runtime.settings.wechat_accounts)
    return WeChatPublisher(publicity, runtime.unit_of_work, runtime.now, lambda: runtime.monitor.stopping, own_accounts)


def _link_looks(runtime: ServiceRuntime, publicity: PublicityContext) -> LinkChecks:
    return LinkChecks(publicity, runtime.unit_of_work, lambda: runtime.monitor.stopping)


class Service(
    WorkRoutes,
    ReviewRoutes,
    AnthologyRoutes,
    ReadingRoutes,
    ArticleRoutes,
    VideoRoutes,
    NextStepRoutes,
    WeChatRoutes,
    RecordRoutes,
    ContentRoutes,
    OperatorRoutes,
):
    """The nameko service class of publicity."""

    name = "publicity"

    runtime = RuntimeProvider(metadata, PROJECTIONS, identify=identify_by(registry), channels=lambda settings: {
        "wechat": "、".join(accounts(settings.wechat_accounts)),
    })  # fmt: skip
    clock = ClockProvider()
    keys = RemoteKeysProvider()
    content_store = FeatureProvider(_content_store, runtime, keys)
    content_files = FeatureProvider(_content_files, runtime, keys, content_store)
    file_verification = FeatureProvider(_file_verification, runtime, content_files)
    publicity = FeatureProvider(_context, runtime, keys, content_store)
    publisher = FeatureProvider(_publisher, runtime, publicity)
    link_looks = FeatureProvider(_link_looks, runtime, publicity)

    @subscribe(PersonErased)
    def forget_erased_persons(self, unit_of_work: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        """Delete the persons' keys, and stop or take down what shows their works."""
        for event, _recorded in batch:
            self.keys.forget(event.person_id)
        withdraw_consent_of_erased_persons(unit_of_work, batch)

    @every(seconds=IDLE_SECONDS, name="publishing", wakeup=lambda service: service.publisher.wakeup)
    def publish_by_api(self) -> None:
        self.publisher.advance_all()

    @every(seconds=600.0, name="handing_over")
    def move_due_readings(self) -> None:
        """Readings of persons who handed a post over by today go to the successor."""
        hand_over_due_readings(self.runtime.unit_of_work)

    @every(seconds=60.0, name="looking_at_links")
    def look_at_links(self) -> None:
        """Check the public pages of articles published by hand."""
        if self.runtime.settings.look_at_links:
            self.link_looks.look_at_due()

    @every(seconds=60.0, name="sweeping")
    def sweep_content(self) -> None:
        """Delete files that a crash left without an event."""
        self.content_files.sweep_when_due()
