"""The list of publicity's projections; its reactions are declared in service.py."""

from chassis.store.projections import Projections
from contracts import articles, evidence, participation, publicity
from services.publicity.anthologies import projections as anthology_projections
from services.publicity.articles import projections as article_projections
from services.publicity.readings import projections as reading_projections
from services.publicity.reviews import projections as review_projections
from services.publicity.tables import registry
from services.publicity.videos import films
from services.publicity.videos import projections as video_projections
from services.publicity.works import projections as work_projections
from services.registry.projections import registry_projections

PROJECTIONS = Projections(
    registry_projections(registry),
    {
        participation.PersonErased: [work_projections.erase_titles_and_reasons, review_projections.erase_comments],
        publicity.WorkNominated: [work_projections.store_nomination],
        publicity.WorkPutForward: [work_projections.put_work_forward],
        publicity.ConsentGiven: [work_projections.store_consent],
        publicity.ConsentWithdrawn: [work_projections.withdraw_consent],
        publicity.ReviewerAssigned: [review_projections.store_reviewer],
        publicity.ReviewerReleased: [review_projections.release_reviewer],
        publicity.ReviewCommented: [review_projections.store_comment],
        publicity.WorkMarked: [review_projections.store_marks],
        publicity.WorkReturned: [work_projections.store_return],
        publicity.WorkRevised: [work_projections.revise_work, review_projections.clear_marks],
        publicity.WorkSelected: [work_projections.store_selection],
        publicity.WorkDeselected: [work_projections.end_selection],
        publicity.AnthologyCompiled: [anthology_projections.store_edition, reading_projections.forget_readers],
        publicity.AnthologyOutdated: [anthology_projections.mark_outdated],
        publicity.AnthologyTakenDown: [anthology_projections.take_down_anthology],
        articles.ReaderAppointed: [reading_projections.store_appointed_reader],
        articles.ReadingPassed: [reading_projections.store_reading],
        articles.ReadingReturned: [
            reading_projections.void_readings,
            article_projections.mark_article_returned,
            anthology_projections.mark_anthology_returned,
        ],
        articles.ArticleDrafted: [article_projections.store_draft],
        articles.ArticleStopped: [article_projections.mark_stopped],
        articles.SubmissionOrdered: [article_projections.mark_submitting],
        articles.PublishSubmitted: [article_projections.mark_submitted],
        articles.PublicationPolled: [article_projections.store_poll],
        articles.SubmissionStalled: [article_projections.store_stall],
        articles.SubmissionFailed: [article_projections.mark_failed],
        articles.ArticleRefused: [article_projections.mark_refused],
        articles.ArticlePublished: [article_projections.mark_published],
        articles.PublicationLooked: [article_projections.store_look],
        articles.TakeDownOrdered: [article_projections.mark_stop_wanted],
        articles.TakeDownFailed: [article_projections.store_failed_take_down],
        articles.TakeDownDisproved: [article_projections.mark_still_public],
        articles.ArticleTakenDown: [article_projections.mark_taken_down],
        evidence.EvidenceReceived: [films.store_film],
        publicity.VideoPublished: [video_projections.store_video],
        publicity.VideoWithdrawn: [video_projections.withdraw_video],
    },
)
