"""What a reviewer reads says neither who wrote it nor at which school, and does not betray a name by its gaps."""

import pytest

from services.publicity.rendering.manuscript import Block
from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.read_manuscript import read_file
from services.publicity.works.redaction import BLOT, Identity, redact
from tests.support.system import SAMPLES


def blot(text: str, name: str = "高远梅", unit: str = "启明区第7中学") -> str:
    return redact([Block("text", text)], Identity(name, ("P00077", "W1"), (unit,)))[0].text


def test_the_sample_of_identities_says_nothing_of_its_author() -> None:
    _, blocks = read_file((SAMPLES / "works" / "identity.docx").read_bytes(), LeftOut())
    text = "\n".join(block.text for block in redact(blocks, Identity("高远梅", ("P00077",), ("启明区第7中学",))))
    for word in ("高", "远梅", "七中", "第7", "第 7", "13800000000", "gaoyuanmei", "qz.edu", "gaoym"):
        assert word not in text, text
    assert "张三丰老师所在的" in text and "联系电话" in text


@pytest.mark.parametrize("written", [
    "高远梅", "高 远 梅", "高·远梅", "高遠梅",
    "高老师", "高校长", "高某某老师", "高园长", "远梅", "Gao Yuanmei", "gaoyuanmei",
    "GAO YUAN-MEI", "Yuanmei Gao", "Gāo Yuǎnméi", "ｇａｏｙｕａｎｍｅｉ",
    "yuanmei", "P00077",
    "第7中学", "第七中学", "七中", "7中", "第 7 中 学", "启明区第7中学",
    "１３８０００００００１", "138-0000-0001", "029-88888888",
    "a.b@qz.edu.cn", "610101199001011234", "61010119900101123X",
])  # fmt: skip
def test_every_way_of_writing_it_is_blotted(written: str) -> None:
    assert blot(f"这里有{written}，还有别的字。") == f"这里有{BLOT}，还有别的字。"


@pytest.mark.parametrize("text", [
    "我们要提高老师的素养。", "高校长期坚持。", "党的十九届五中全会。", "远方的梅花。",
    "共100元，2022年11月14日，第7课。",
    "学习心得共2800字。",
])  # fmt: skip
def test_what_only_looks_like_it_stays(text: str) -> None:
    assert blot(text, unit="第5中学" if "五中" in text else "启明区第7中学") == text


def test_a_name_that_is_a_word_is_blotted_only_where_it_is_a_name() -> None:
    for name, sentence in (("杨柳", "湖边杨柳依依。"), ("高山", "高山流水遇知音。"), ("李建设", "新时代的建设者。")):
        assert blot(sentence, name) == sentence
    assert blot("作者：杨柳", "杨柳") == f"作者：{BLOT}"
    assert blot("杨 柳", "杨柳") == BLOT and blot("杨柳", "杨柳") == BLOT
    assert blot("我叫杨柳，杨柳依依。", "杨柳") == f"我叫{BLOT}，杨柳依依。"
    assert blot("杨柳老师说，折杨柳。", "杨柳") == f"{BLOT}说，折杨柳。".replace(BLOT, f"{BLOT}老师", 1)
    assert blot("李建设投身建设。", "李建设") == f"{BLOT}投身建设。"


@pytest.mark.parametrize(("name", "written"), [
    ("欧阳静怡", "欧阳老师"), ("欧阳静怡", "静怡"), ("欧阳静怡", "Ouyang Jingyi"), ("吕绿", "Lyu Lyu"),
    ("吕绿", "lvlv"),
    ("买买提·艾力", "买买提•艾力"), ("买买提·艾力", "买买提 艾力"), ("单雪", "Shan Xue"),
    ("张伟", "張偉"), ("张伟", "张 伟"),
])  # fmt: skip
def test_names_of_every_shape_are_blotted(name: str, written: str) -> None:
    assert blot(f"（{written}）", name) == f"（{BLOT}）"


@pytest.mark.parametrize(("unit", "written"), [
    ("启明区育才小学", "育才小学"), ("启明区育才小学", "育才小"), ("第11小学", "十一小"), ("第11小学", "第十一小学"),
    ("第4幼儿园", "四幼"), ("启明区实验小学", "实验小学"), ("启明区育才小学", "育 才 小 学"),
])  # fmt: skip
def test_schools_are_blotted_by_their_short_names_too(unit: str, written: str) -> None:
    assert blot(f"来自{written}。", unit=unit) == f"来自{BLOT}。"


def test_a_short_name_that_the_text_declares_is_blotted_everywhere() -> None:
    text = blot("启明区育才小学（以下简称“育园”）很美，我爱育园。", unit="启明区育才小学")
    assert "育园" not in text and "我爱" in text


def test_an_account_goes_and_its_label_stays() -> None:
    assert blot("微信：gaoym_77，QQ 12345678") == f"微信：{BLOT}，QQ {BLOT}"
