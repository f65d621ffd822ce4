"""Files as authors hand them in: every word that a reader of the file sees stands in the manuscript, in its place; the
rest is named in a sentence; or the file is refused in one."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from services.publicity.refusal_messages import SENTENCES
from services.publicity.rendering.manuscript_losses import LeftOut
from services.publicity.rendering.read_manuscript import UnreadableFile, read_file
from tests.support.system import SAMPLES

WORKS = SAMPLES / "works"
PICTURE = "⟦图⟧"
TAKEN: dict[str, tuple[list[str], list[str]]] = {
    "tracked.docx": (["前言：以下为修订稿。", "我们要坚定不移地落实立德树人根本任务。",
                      "这一整段是开启修订后写的，共二百字的心得都在这里。", "移动：移来的一句。"], ["修订"]),
    "lo_written.docx": (["我们要坚定不移地落实立德树人。〔1〕", "一、学深悟透", "二、知行合一", "后文。",
                         "LibreOffice 文本框里的题记", "表中字", "表后字。", "〔1〕脚注里的出处。"], ["修订"]),
    "textbox.docx": (["正文在前。", "锚点", "文本框里的题记：教育是一棵树摇动另一棵树。", "正文在后。"], []),
    "sdt.docx": (["控件之前。", "内容控件里的整段（学校模板里的“心得正文”格）。", "行内：行内控件。"], []),
    "inline.docx": (["超链接：学习强国完。", "智能标记：西安市完。", "拼音：龑（yǎn）完。", "域：2022年11月14日完。",
                     "符号：☑完。", "公式：S=πrx²完。", "面积25m²，H₂O。", "第一行", "第二行（软回车）", "不断行-连字"],
                    ["公式", "页眉"]),
    "footnote.docx": (["总书记强调要立德树人〔1〕，这是根本任务。", "〔1〕引自2018年全国教育大会讲话。"], []),
    "list.docx": (["三点体会：", "1. 学深悟透", "2. 知行合一", "3. 以学促教", "• 下级：", "• 二级要点"], []),
    "table.docx": (["表一之前。", "学期　心得篇数", "2022秋　2", "表一之后，如上表所示。", "合并的表头", "甲", "乙",
                    "丙", "嵌套表格里的字", "结尾。"], ["表格"]),
    "image_in_table.docx": (["图在表格里。", "活动照片说明", PICTURE], ["表格"]),
    "vml_picture.docx": (["VML图片之前。", PICTURE], []),
    "pictures25.docx": (["二十五张照片。", *(text for at in range(1, 21) for text in (PICTURE, f"照片{at}")),
                         *(f"照片{at}" for at in range(21, 26))], ["后面的 5 张"]),
    "same_picture_twice.docx": (["同一张图两次", PICTURE, "中", PICTURE], []),
    "strict.docx": (["严格格式（Strict Open XML）保存的文档。"], []),
    "comment.docx": (["这一段有批注。"], ["1 条批注"]),
    "identity.docx": (["张三丰老师所在的七中，联系电话13800000000", "作者：启明区第7中学（简称七中） 高 远 梅",
                       "我叫高·远梅，在第 7 中 学任教", "邮箱gaoyuanmei@qz.edu.cn 微信：gaoym"], []),
    "pua.docx": (["方正字库用户自造字：\ue863\ue000，兼容汉字：\uf9d8（律）﨎"], []),
    "rare.docx": (["䶮㛃𠮷𬭎𬬻龘靐㙓", "刘䶮老师与㛃同学、𠮷野先生。",
                   "买买提·艾力·吐尔逊；买买提•艾力；迪丽热巴‧迪力木拉提", "MOOC2.0与“双减”, AI教育(2022)年3.5%",
                   "①②③ⅠⅡ㎡℃±×÷→★☆※●√☑✓✔", "ā á ǎ à ê ü ń ň ḿ", "約會 歷史 學習"], []),
    "emoji.docx": (["今天很开心😊👍❤️👨\u200d👩\u200d👧🇨🇳"], []),
    "minority.docx": (["مەن ئوقۇتقۇچى", "بسم الله", "བཀྲ་ཤིས་བདེ་ལེགས", "ᠮᠣᠩᠭᠣᠯ"], []),
    "big5.txt": (["繁體心得報告，學習體會。"], []),
    "bom.txt": (["带BOM的心得。"], []),
    "ctrl.txt": (["中间有", "换行", "分页的心得", "行分隔"], []),
    "gb.txt": (["国标编码的心得，䶮㛃𠮷。"], []),
    "utf16.txt": (["记事本“Unicode”另存的心得。"], []),
    "utf8.txt": (["一、认识", "心得第一段。"], []),
} | {f"{kind}.docx": (["图片之前。", PICTURE, "图片之后，还有很长的正文。"], [])
     for kind in ("gif", "bmp", "tiff", "webp", "cmyk")} | {
    f"{kind}.docx": (["图片之前。", "图片之后，还有很长的正文。"], [kind.upper()]) for kind in ("emf", "wmf", "heic")
}  # fmt: skip
REFUSED = {
    "html.docx": "other_document", "rtf.docx": "other_document", "renamed.docx": "old_or_locked_office_file",
    "locked.docx": "old_or_locked_office_file", "bomb.docx": "document_too_large",
    "bomb_para.docx": "document_too_large", "empty.docx": "nothing_in_it", "blank.docx": "nothing_in_it",
    "empty.txt": "empty_file", "blank.txt": "nothing_in_it",
}  # fmt: skip


def read(content: bytes) -> tuple[list[str], list[str]]:
    """Texts with PICTURE for each picture; the sentences."""
    left_out = LeftOut()
    _, blocks = read_file(content, left_out)
    return [block.text or PICTURE for block in blocks], left_out.sentences()


def test_every_case_is_expected_to_become_something() -> None:
    assert {path.name for path in WORKS.iterdir()} == TAKEN.keys() | REFUSED.keys()


@pytest.mark.parametrize("case", sorted(TAKEN))
def test_what_a_reader_of_the_file_sees_stands_in_the_manuscript(case: str) -> None:
    texts, sentences = read((WORKS / case).read_bytes())
    expected, words = TAKEN[case]
    assert texts == expected
    assert len(sentences) == len(words), sentences
    for sentence, word in zip(sentences, words, strict=True):
        assert word in sentence and sentence.endswith("。") and "{" not in sentence


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_cannot_be_taken_is_refused_in_one_sentence_with_a_way_out(case: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read((WORKS / case).read_bytes())
    assert str(refusal.value) == REFUSED[case]
    sentence = SENTENCES[REFUSED[case]].format(detail=refusal.value.detail)
    assert "请" in sentence and sentence.count("。") == 1


def test_colours_of_print_come_out_as_colours_of_a_screen() -> None:
    left_out = LeftOut()
    _, blocks = read_file((WORKS / "cmyk.docx").read_bytes(), left_out)
    image = Image.open(io.BytesIO(base64.b64decode(blocks[1].picture))).convert("RGB")
    _, plain = read_file((WORKS / "same_picture_twice.docx").read_bytes(), left_out)
    wanted = Image.open(io.BytesIO(base64.b64decode(plain[1].picture))).convert("RGB").resize(image.size)
    pairs = zip(image.resize((8, 8)).get_flattened_data(), wanted.resize((8, 8)).get_flattened_data(), strict=True)
    assert all(abs(mine - other) < 60 for pair in pairs for mine, other in zip(*pair, strict=True))
