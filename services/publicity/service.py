"""The publicity service: which routes, which subscriptions, which loop; decides nothing."""

from collections.abc import Sequence

from chassis.http.operator_routes import OperatorRoutes
from chassis.messaging.reactions import HandledEvent
from chassis.process.settings import Settings
from chassis.runtime.loops import Loop
from chassis.runtime.provider import RuntimeProvider
from chassis.runtime.service_runtime import Additions, ServiceRuntime
from chassis.store.remote_subject_keys import RemoteKeys
from chassis.store.unit_of_work import UnitOfWork
from contracts.participation import PersonErased
from services.publicity.anthologies.routes import AnthologyRoutes
from services.publicity.articles.routes import ArticleRoutes
from services.publicity.content_store import ContentStore
from services.publicity.context import PublicityContext
from services.publicity.readings.routes import ReadingRoutes
from services.publicity.reviews.routes import ReviewRoutes
from services.publicity.subscriptions import PROJECTIONS, REACTIONS
from services.publicity.tables import metadata
from services.publicity.videos.routes import VideoRoutes
from services.publicity.wechat.accounts import accounts
from services.publicity.wechat.publishing import WeChatPublisher
from services.publicity.wechat.routes import WeChatRoutes
from services.publicity.works.routes import WorkRoutes


class Publicity(ServiceRuntime):
    """The runtime with publicity's context and the loop that publishes by the platform's API."""

    def __init__(self, settings: Settings) -> None:
        reactions = REACTIONS.extended((PersonErased,), lambda work, batch: self._forget_keys(work, batch))  # noqa: PLW0108
        super().__init__("publicity", settings, metadata, PROJECTIONS, reactions, Additions(
            loops=[Loop("publishing", lambda: self.publisher.run(), lambda: self.publisher.wakeup.set())],  # noqa: PLW0108
            channels={"wechat": "、".join(accounts(settings.wechat_accounts))},
        ))  # fmt: skip
        keys = RemoteKeys(self.peers)
        content_store = ContentStore(self.data / self.service / "content", keys)
        self.publicity = PublicityContext(self.store, self.unit_of_work, keys, content_store, settings.fonts)
        self.publisher = WeChatPublisher(self, self.publicity)

    def _forget_keys(self, _: UnitOfWork, batch: Sequence[HandledEvent]) -> None:
        for event, _recorded in batch:
            self.publicity.keys.forget(event.person_id)


class Service(
    WorkRoutes, ReviewRoutes, AnthologyRoutes, ReadingRoutes, ArticleRoutes, VideoRoutes, WeChatRoutes, OperatorRoutes
):
    """Publicity under nameko."""

    name = "publicity"
    runtime: Publicity = RuntimeProvider(Publicity)
