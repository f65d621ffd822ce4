"""Articles and anthologies: consent, selection, three readings, one publication, take-down."""

from dataclasses import replace

import pytest

from contracts import articles
from contracts.publicity import AnthologyCompiled, AnthologyOutdated
from services.publicity.anthologies import domain as anthologies
from services.publicity.anthologies.domain import (
    Anthology,
    CompileAnthology,
    TakeDownAnthology,
    decide_anthology,
    evolve_anthology,
)
from services.publicity.articles.domain.commands import (
    ApplyConsentWithdrawal,
    ConfirmPublication,
    ConfirmTakenDown,
    DraftArticle,
    OrderSubmission,
    OrderTakeDown,
)
from services.publicity.articles.domain.decisions import decide_article
from services.publicity.articles.domain.state import Article, evolve_article
from services.publicity.domain.shown_works import ShownWork
from services.publicity.readings.domain import AppointReader, FetchProof, PassReading, ReturnReading
from services.publicity.videos.domain import RecordVideo, Video, decide_video, evolve_video
from tests.domain.publicity.scripted import Script

AT = "2022-12-10T01:00:00.000000Z"
WORK = ShownWork("W1", "P1", "S01", "2022-autumn", True, frozenset({"inside", "district"}))
DRAFT = DraftArticle("A1", "S01", "district", "选登", (WORK,), "c0", 900, 0, "2022-12-08")
LINK = "https://mp.weixin.qq.com/s/abc"

new = Script(Article(), evolve_article, decide_article)
undecided = new.after(DRAFT)


def reading(stage: str, reader: str, content: str = "c0", on: str = "2022-12-09") -> PassReading:
    return PassReading("article", "A1", stage, reader, content, on, True)


def appoint(stage: str, reader: str, by: str = "P9", in_service: bool = True) -> AppointReader:
    return AppointReader("article", "A1", stage, reader, by, "2022-12-08", in_service)


def fetch(reader: str, content: str = "c0", on: str = "2022-12-09") -> FetchProof:
    return FetchProof("article", "A1", reader, content, on)


APPOINT = (appoint("first", "P5"), appoint("second", "P6"), appoint("final", "P7"))
FETCH = (fetch("P5"), fetch("P6"), fetch("P7"))
READ = (reading("first", "P5"), reading("second", "P6"), reading("final", "P7"))
unread = undecided.after(*APPOINT)
drafted = unread.after(*FETCH)
cleared = drafted.after(*READ)
CONFIRM = ConfirmPublication("A1", LINK, "shot", AT, "2022-12-10")


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (replace(WORK, selected=False), "not_selected"),
        (replace(WORK, levels=frozenset({"inside", "unit", "print"})), "no_consent"),
        (replace(WORK, unit_id="S02"), "work_of_another_unit"),
    ],
)
def test_an_article_shows_selected_works_of_its_unit_with_consent_for_its_account(work: ShownWork, code: str) -> None:
    new.refuses(replace(DRAFT, works=(work,)), code)


def test_works_of_other_units_are_shown_where_the_campaign_allows_and_are_those_units_deeds() -> None:
    theirs = replace(WORK, work_id="W2", author_id="P2", unit_id="S02")
    several = replace(DRAFT, unit_id="B00", works=(WORK, theirs), may_show=frozenset({"S01", "S02"}))
    (event,) = new.events(several)
    assert isinstance(event, articles.ArticleDrafted) and event.units == ("S01", "S02")
    new.refuses(replace(several, may_show=frozenset({"S01"})), "work_of_another_unit")
    own_account = replace(several, account="unit")
    new.refuses(replace(own_account, works=(replace(theirs, levels=frozenset({"inside", "unit"})),)), "no_consent")
    (event,) = new.events(own_account)
    assert isinstance(event, articles.ArticleDrafted) and event.units == ()
    (event,) = new.events(DRAFT)
    assert isinstance(event, articles.ArticleDrafted) and event.units == ()


def test_a_repeated_draft_is_nothing_and_another_one_a_conflict() -> None:
    drafted.then(DRAFT, [])
    drafted.refuses(replace(DRAFT, title="别的"), "conflict")
    new.refuses(replace(DRAFT, title="长" * 33), "title_too_long")


def test_nothing_goes_out_before_three_readings_by_three_people() -> None:
    for script in (drafted, drafted.after(READ[0]), drafted.after(*READ[:2])):
        script.refuses(OrderSubmission("A1", AT), "readings_missing")
        script.refuses(CONFIRM, "readings_missing")
    drafted.after(READ[0]).refuses(reading("second", "P5"), "same_reader")
    drafted.refuses(READ[1], "wrong_stage")
    drafted.after(READ[0]).then(READ[0], [])


def test_a_reading_is_of_what_stands_there_and_not_before_the_last_one() -> None:
    drafted.refuses(reading("first", "P5", content="other"), "other_content")
    drafted.after(READ[0]).refuses(reading("second", "P6", on="2022-12-08"), "earlier_than_before")


def test_a_reader_passes_only_the_version_that_they_were_handed_and_not_before_that_day() -> None:
    unread.refuses(READ[0], "not_fetched")
    unread.after(FETCH[1]).refuses(READ[0], "not_fetched")
    unread.then(fetch("P8"), [])
    unread.then(fetch("P5", "an older one"), [])
    handed = unread.after(FETCH[0])
    handed.then(FETCH[0], [])
    handed.refuses(reading("first", "P5", on="2022-12-08"), "earlier_than_before")
    (passed,) = handed.events(reading("first", "P5", content=""))
    assert passed == articles.ReadingPassed("article", "A1", "first", "P5", "c0", "2022-12-09")


def test_a_publication_is_dated_neither_before_its_last_reading_nor_before_its_draft() -> None:
    cleared.refuses(replace(CONFIRM, on="2022-12-08"), "before_cleared")
    assert cleared.events(replace(CONFIRM, on="2022-12-09"))


def test_what_was_sent_back_is_over() -> None:
    back = drafted.after(ReturnReading("article", "A1", "first", "P5", "题目不妥", "2022-12-09", True))
    back.refuses(READ[0], "not_in_draft")
    back.refuses(CONFIRM, "not_in_draft")


def test_by_hand_link_and_screenshot_are_the_confirmation() -> None:
    published = articles.ArticlePublished("A1", "S01", "district", "选登", LINK, "hand", LINK, "shot", AT)
    cleared.then(CONFIRM, [published])
    cleared.given(published).then(CONFIRM, [])
    cleared.refuses(replace(CONFIRM, evidence=""), "screenshot_needed")
    for link in (
        "javascript:alert(1)",
        "http://",
        "https://a b",
        "ftp://x",
        "https://例.cn",
        "https://x/" + "a" * 1000,
    ):
        cleared.refuses(replace(CONFIRM, link=link), "bad_link")


def test_what_is_at_the_platform_is_not_confirmed_by_hand() -> None:
    cleared.after(OrderSubmission("A1", AT)).refuses(CONFIRM, "not_in_draft")
    cleared.after(OrderSubmission("A1", AT)).then(OrderSubmission("A1", AT), [])


def test_consent_lost_stops_a_draft_and_takes_a_public_article_down() -> None:
    lose = ApplyConsentWithdrawal("A1", "W1", frozenset({"district"}), AT)
    cleared.then(lose, [articles.ArticleStopped("A1", "consent_withdrawn")])
    cleared.then(replace(lose, levels=frozenset({"inside"})), [])
    cleared.then(replace(lose, work_id="W2"), [])
    public = cleared.after(CONFIRM)
    public.then(lose, [articles.TakeDownOrdered("A1", "S01", "hand", "consent_withdrawn", AT)])
    public.after(lose).then(ConfirmTakenDown("A1", "hand", "", AT),
                            [articles.ArticleTakenDown("A1", "S01", "hand", "consent_withdrawn", AT)])  # fmt: skip


def test_an_order_that_reached_the_platform_cannot_be_called_back() -> None:
    ordered = cleared.after(OrderSubmission("A1", AT))
    ordered.then(OrderTakeDown("A1", "x", AT), [articles.ArticleStopped("A1", "x")])
    underway = ordered.given(articles.PublishIntended("A1", "m", AT), articles.PublishSubmitted("A1", "1", AT))
    underway.then(OrderTakeDown("A1", "x", AT), [articles.TakeDownOrdered("A1", "S01", "api", "x", AT)])
    public = underway.after(OrderTakeDown("A1", "x", AT)).given(
        articles.ArticlePublished("A1", "S01", "district", "选登", LINK, "api", "p", "", AT)
    )
    assert public.state.status == "taking_down"
    drafted.refuses(ConfirmTakenDown("A1", "hand", "", AT), "not_published")


COMPILE = CompileAnthology("S01.2022-autumn", "S01", "2022-autumn", "inside", "汇编", (WORK,), "c1", 9, AT)
bare = Script(Anthology(), evolve_anthology, decide_anthology)
compiled = bare.after(COMPILE)
EDITION = AnthologyCompiled(
    "S01.2022-autumn", "S01", "2022-autumn", 1, 1, "inside", "汇编", ("W1",), ("P1",), "c1", 9, AT
)


def test_an_anthology_is_compiled_once_for_the_same_works() -> None:
    bare.then(COMPILE, [EDITION])
    compiled.then(COMPILE, [])
    compiled.then(replace(COMPILE, content="c2"), [replace(EDITION, content="c2", edition=2)])
    bare.refuses(replace(COMPILE, works=()), "no_works")
    bare.refuses(replace(COMPILE, level="print"), "no_consent")
    bare.refuses(replace(COMPILE, works=(replace(WORK, semester="2023-spring"),)), "other_semester")


def test_a_withdrawn_work_outdates_it_until_it_is_compiled_again() -> None:
    lose = anthologies.ApplyConsentWithdrawal("S01.2022-autumn", "W1", frozenset({"inside"}))
    compiled.then(lose, [AnthologyOutdated("S01.2022-autumn", "W1", 1)])
    compiled.then(replace(lose, levels=frozenset({"district"})), [])
    outdated = compiled.after(lose)
    assert not outdated.state.may_be_handed_out
    assert outdated.after(replace(COMPILE, content="c2")).state.may_be_handed_out


def test_an_anthology_taken_down_counts_anew_when_it_is_compiled_again() -> None:
    down = compiled.after(TakeDownAnthology("S01.2022-autumn", "x", AT))
    down.then(COMPILE, [replace(EDITION, edition=2, first_edition=2)])
    down.then(TakeDownAnthology("S01.2022-autumn", "x", AT), [])


def test_the_same_video_is_recorded_once() -> None:
    record = RecordVideo("V1", "S01", "微党课", LINK, AT)
    script = Script(Video(), evolve_video, decide_video)
    assert len(script.events(record)) == 1
    script.after(record).then(record, [])
    script.after(record).refuses(replace(record, link="https://x.cn/2"), "conflict")


def test_a_returned_article_comes_again_under_its_id_and_is_read_from_the_beginning() -> None:
    back = drafted.after(READ[0], ReturnReading("article", "A1", "second", "P6", "标题", "2022-12-09", True))
    back.then(DRAFT, [])
    back.refuses(replace(DRAFT, unit_id="S02", works=(replace(WORK, unit_id="S02"),)), "conflict")
    for changed in (replace(DRAFT, title="选登之二"), replace(DRAFT, content="c1")):
        again = back.after(changed, *APPOINT, fetch("P5", changed.content))
        assert again.state.status == "drafted"
        again.refuses(READ[1], "wrong_stage")
        assert again.events(reading("first", "P5", changed.content))
    drafted.refuses(replace(DRAFT, title="选登之二"), "conflict")


def test_nobody_reads_who_was_not_appointed_for_that_stage() -> None:
    undecided.refuses(READ[0], "not_appointed")
    drafted.refuses(reading("first", "P8"), "not_appointed")
    drafted.refuses(reading("first", "P6"), "not_appointed")
    drafted.refuses(ReturnReading("article", "A1", "first", "P8", "题目", "2022-12-09", True), "not_appointed")


def test_an_author_neither_reads_nor_is_appointed_nor_chooses_who_reads() -> None:
    undecided.refuses(appoint("first", "P1"), "reader_is_author")
    undecided.refuses(appoint("first", "P5", by="P1"), "appoints_own_reader")
    drafted.refuses(reading("first", "P1"), "reader_is_author")


def test_nobody_appoints_themselves() -> None:
    undecided.refuses(appoint("first", "P5", by="P5"), "appoints_own_reader")
    undecided.then(appoint("first", "P5", by=""), [articles.ReaderAppointed("article", "A1", "first", "P5", "",
                                                                          "2022-12-08")])  # fmt: skip


def test_three_different_people_who_serve_are_appointed_and_may_be_replaced_before_they_read() -> None:
    drafted.refuses(appoint("first", "P7"), "same_reader")
    undecided.refuses(appoint("first", "P5", in_service=False), "not_in_service")
    drafted.then(APPOINT[0], [])
    replaced = drafted.after(appoint("first", "P8"))
    replaced.refuses(READ[0], "not_appointed")
    replaced.after(fetch("P8"), reading("first", "P8")).refuses(appoint("first", "P5"), "wrong_stage")


def test_an_article_that_comes_again_gets_its_readers_anew() -> None:
    back = drafted.after(ReturnReading("article", "A1", "first", "P5", "题目不妥", "2022-12-09", True))
    back.after(replace(DRAFT, title="新题目")).refuses(READ[0], "not_appointed")
