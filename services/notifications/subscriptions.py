"""The list of notifications' projections; its reactions are declared in service.py."""

from chassis.store.projections import Projections
from contracts import articles, corrections, filings, findings, notifications, participation, publicity
from services.notifications.calendar.projections import put_calendar_day, put_calendar_year
from services.notifications.contacts.projections import clear_contact, put_contact
from services.notifications.delivery.channel_projections import put_closed_channel, put_opened_channel
from services.notifications.delivery.holds import put_hold, release_hold
from services.notifications.delivery.projections import (
    cancel_delivery,
    end_delivery,
    fail_delivery,
    reopen_delivery,
    start_delivery,
    succeed_delivery,
)
from services.notifications.digests.projections import put_decided_day, put_digest, put_notified_items
from services.notifications.obligations import reading_projections
from services.notifications.obligations.projections import (
    answer_finding,
    close_finding,
    correct_finding,
    correct_record,
    correct_sheet_row,
    put_campaign_launch,
    put_finding,
    put_record,
    put_sheet_row,
    rectify_finding,
    return_finding,
    withdraw_record,
)
from services.notifications.obligations.return_projections import (
    clear_marked_review,
    clear_released_review,
    clear_removed_anthology,
    clear_returns_of_erased,
    clear_revised_work,
    clear_stopped_article,
    clear_take_down,
    hold_without_consent,
    put_compiled_anthology,
    put_disproved_take_down,
    put_drafted_article,
    put_failed_take_down,
    put_returned_work,
    put_review,
    put_take_down_by_hand,
    release_with_consent,
    set_returned_reading,
)
from services.notifications.preferences.projections import clear_preferences, put_preferences
from services.notifications.tables import exemptions, registry
from services.registry.projections import exemption_projections, registry_projections

PROJECTIONS = Projections(
    registry_projections(registry),
    exemption_projections(exemptions),
    {
        participation.CampaignLaunched: [put_campaign_launch],
        participation.RecordSubmitted: [put_record],
        participation.RecordWithdrawn: [withdraw_record],
        participation.PersonErased: [clear_returns_of_erased, clear_preferences],
        participation.FindingReported: [put_finding],
        participation.RectificationReported: [rectify_finding],
        findings.FindingAnswered: [answer_finding],
        findings.FindingReturned: [return_finding],
        findings.FindingClosed: [close_finding],
        filings.FilingReturned: [reading_projections.put_returned_filing],
        filings.FilingSubmitted: [reading_projections.clear_returned_filing],
        filings.FilingWithdrawn: [reading_projections.clear_returned_filing],
        participation.SheetReported: [put_sheet_row],
        corrections.RecordCorrected: [correct_record],
        corrections.FindingCorrected: [correct_finding],
        corrections.SheetCorrected: [correct_sheet_row],
        publicity.ReviewerAssigned: [put_review],
        publicity.ReviewerReleased: [clear_released_review],
        publicity.WorkMarked: [clear_marked_review],
        publicity.WorkReturned: [put_returned_work],
        publicity.WorkRevised: [clear_revised_work],
        publicity.ConsentWithdrawn: [hold_without_consent],
        publicity.ConsentGiven: [release_with_consent],
        publicity.WorkSelected: [reading_projections.put_selection],
        publicity.WorkDeselected: [reading_projections.put_deselection],
        publicity.AnthologyCompiled: [put_compiled_anthology, reading_projections.forget_readers_of_edition],
        publicity.AnthologyOutdated: [reading_projections.end_anthology_readings],
        publicity.AnthologyTakenDown: [clear_removed_anthology, reading_projections.end_anthology_readings],
        articles.ArticleDrafted: [put_drafted_article, reading_projections.begin_readings],
        articles.ReaderAppointed: [reading_projections.put_reader],
        articles.ReadingPassed: [reading_projections.pass_reading],
        articles.ReadingReturned: [set_returned_reading, reading_projections.forget_readers],
        articles.TakeDownOrdered: [put_take_down_by_hand],
        articles.TakeDownFailed: [put_failed_take_down],
        articles.TakeDownDisproved: [put_disproved_take_down],
        articles.ArticleTakenDown: [clear_take_down, reading_projections.end_article_readings],
        articles.ArticleStopped: [clear_take_down, clear_stopped_article, reading_projections.end_article_readings],
        notifications.CalendarImported: [put_calendar_year],
        notifications.CalendarDaySet: [put_calendar_day],
        notifications.ContactRegistered: [put_contact],
        notifications.ContactRemoved: [clear_contact],
        notifications.PreferencesSet: [put_preferences],
        notifications.DigestDecided: [put_digest, put_notified_items],
        notifications.DayDecided: [put_decided_day],
        notifications.DeliveryStarted: [start_delivery],
        notifications.DeliverySucceeded: [succeed_delivery],
        notifications.DeliveryFailed: [fail_delivery],
        notifications.DeliveryEnded: [end_delivery],
        notifications.DeliveryCancelled: [cancel_delivery],
        notifications.DeliveryReopened: [reopen_delivery],
        notifications.RecipientHeld: [put_hold],
        notifications.RecipientReleased: [release_hold],
        notifications.ChannelOpened: [put_opened_channel],
        notifications.ChannelClosed: [put_closed_channel],
    },
)
