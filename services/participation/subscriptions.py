"""The list of participation's projections; its reactions are declared in service.py."""

from chassis.store.projections import Projections
from contracts.articles import ArticleDrafted, ArticleStopped, ReaderAppointed, ReadingReturned
from contracts.corrections import (
    DecisionCorrected,
    ExemptionCorrected,
    FindingCorrected,
    MembershipCorrected,
    PostCorrected,
    RecordCorrected,
    SheetCorrected,
    UnitCorrected,
)
from contracts.decision_proposals import DecisionProposalConfirmed, DecisionProposalReturned, DecisionProposed
from contracts.evidence import EvidenceAttached, EvidenceDetached, EvidenceDiscarded, EvidenceReceived
from contracts.filings import (
    FilingConfirmed,
    FilingCorrected,
    FilingDrafted,
    FilingReturned,
    FilingSubmitted,
    FilingWithdrawn,
)
from contracts.findings import FindingAnswered, FindingClosed, FindingRaised, FindingReturned
from contracts.imports import ImportAdvanced, ImportFinished, ImportRead, ImportStarted, ImportStopped, ImportUndone
from contracts.participation import (
    CampaignAmended,
    CampaignClosed,
    CampaignLaunched,
    DecisionSigned,
    ExemptionGranted,
    FindingReported,
    MembershipEnded,
    MembershipStarted,
    PersonErased,
    PostAssigned,
    RecordSubmitted,
    RecordWithdrawn,
    RectificationReported,
    SheetReported,
    UnitClosed,
    UnitRegistered,
    UnitRelated,
)
from contracts.quarter_sheets import (
    QuarterSheetCompleted,
    QuarterSheetConfirmed,
    QuarterSheetDrafted,
    QuarterSheetReopened,
    QuarterSheetReturned,
)
from contracts.roster import RosterAnswerKept, RosterApplied, RosterUndone, RosterWordExplained
from contracts.subscriptions import SubscriptionAdded, SubscriptionChanged, SubscriptionRevoked, SubscriptionRotated
from services.participation.campaign.projections import close_campaign, store_amended_campaign, store_launched_campaign
from services.participation.corrections.projections import claim_decision, claim_sheet, mention_subjects
from services.participation.decisions.projections import confirm_proposal, return_proposal, store_proposal
from services.participation.evidence.films import forget_readers, hold_film, release_film, store_reader
from services.participation.evidence.projections import (
    attach_file,
    detach_file,
    discard_file,
    forget_files,
    store_file,
)
from services.participation.exemptions.projections import correct_exemption, store_exemption
from services.participation.filings.projections import (
    confirm_filing,
    correct_filing,
    forget_title,
    return_filing,
    store_draft,
    submit_filing,
    withdraw_filing,
)
from services.participation.findings.projections import (
    answer_finding,
    close_finding,
    correct_finding,
    raise_finding,
    rectify_finding,
    return_finding,
    store_finding,
)
from services.participation.imports.projections import (
    finish_import,
    mark_undone,
    stop_import,
    store_import,
    store_parts,
    store_progress,
)
from services.participation.records.projections import correct_record, forget_texts, store_record, withdraw_record
from services.participation.registry.projections import (
    close_unit,
    correct_membership,
    correct_post,
    correct_unit,
    end_membership,
    end_posts,
    forget_name,
    relate_unit,
    store_membership,
    store_post,
    store_unit,
)
from services.participation.roster.projections import mark_roster_undone, store_answer, store_roster, store_word
from services.participation.sheets.projections import (
    complete_sheet,
    confirm_sheet,
    correct_item,
    draft_sheet,
    return_sheet,
    store_item,
)
from services.participation.subscribers.projections import (
    change_subscription,
    revoke_subscription,
    rotate_token,
    store_subscription,
)

PROJECTIONS = Projections(
    {
        CampaignLaunched: [store_launched_campaign],
        CampaignAmended: [store_amended_campaign],
        CampaignClosed: [close_campaign],
        UnitRegistered: [store_unit],
        UnitClosed: [close_unit],
        UnitRelated: [relate_unit],
        MembershipStarted: [store_membership],
        MembershipEnded: [end_membership],
        PostAssigned: [store_post],
        PostCorrected: [correct_post],
        PersonErased: [forget_name, end_posts, forget_texts, forget_files, forget_title],
        RecordSubmitted: [store_record],
        RecordWithdrawn: [withdraw_record],
        UnitCorrected: [correct_unit],
        MembershipCorrected: [correct_membership],
        RecordCorrected: [correct_record],
        ExemptionGranted: [mention_subjects, store_exemption],
        ExemptionCorrected: [mention_subjects, correct_exemption],
        SheetReported: [claim_sheet, mention_subjects, store_item],
        SheetCorrected: [claim_sheet, mention_subjects, correct_item],
        FindingReported: [mention_subjects, store_finding],
        FindingCorrected: [mention_subjects, correct_finding],
        RectificationReported: [rectify_finding],
        FindingRaised: [raise_finding],
        FindingAnswered: [answer_finding],
        FindingReturned: [return_finding],
        FindingClosed: [close_finding],
        DecisionProposed: [mention_subjects, store_proposal],
        DecisionProposalConfirmed: [confirm_proposal],
        DecisionProposalReturned: [return_proposal],
        DecisionSigned: [claim_decision, mention_subjects],
        DecisionCorrected: [claim_decision, mention_subjects],
        EvidenceReceived: [store_file],
        EvidenceAttached: [attach_file],
        EvidenceDetached: [detach_file],
        EvidenceDiscarded: [discard_file],
        ArticleDrafted: [hold_film],
        ArticleStopped: [release_film],
        ReaderAppointed: [store_reader],
        ReadingReturned: [forget_readers],
        ImportStarted: [store_import],
        ImportAdvanced: [store_progress],
        ImportRead: [store_parts],
        ImportFinished: [finish_import],
        RosterApplied: [store_roster],
        RosterUndone: [mark_roster_undone],
        RosterAnswerKept: [store_answer],
        RosterWordExplained: [store_word],
        ImportStopped: [stop_import],
        ImportUndone: [mark_undone],
        FilingDrafted: [store_draft],
        FilingSubmitted: [submit_filing],
        FilingReturned: [return_filing],
        FilingConfirmed: [confirm_filing],
        FilingCorrected: [correct_filing],
        FilingWithdrawn: [withdraw_filing],
        QuarterSheetDrafted: [draft_sheet],
        QuarterSheetCompleted: [complete_sheet],
        QuarterSheetReturned: [return_sheet],
        QuarterSheetConfirmed: [confirm_sheet],
        QuarterSheetReopened: [draft_sheet],
        SubscriptionAdded: [store_subscription],
        SubscriptionChanged: [change_subscription],
        SubscriptionRotated: [rotate_token],
        SubscriptionRevoked: [revoke_subscription],
    }
)
