"""Refusals as HTTP problems: a sentence for a clerk, a status for a program."""

from chassis.process.problems import Problem

SENTENCES = {
    "unknown_work": "没有这件作品。",
    "unknown_person": "没有编号为 {detail} 的人员，或其信息已删除。",
    "unknown_level": "本方案没有授权范围“{detail}”（inside 内部展示、unit 单位、district 区级公众号、print 刊印）。",
    "unknown_item": "评审表没有“{detail}”这一项。",
    "unknown_article": "没有这篇推文。",
    "unknown_anthology": "没有这本优秀成果汇编。",
    "unknown_video": "没有这条视频展播。",
    "conflict": "编号已被另一内容使用，请换一个编号。",
    "consent_needed": "推荐作品须有作者授权，请写明授权范围。",
    "no_consent": "作者没有授权这一用途，或已撤回授权。{detail}",
    "not_in_service": "{detail} 当日不在任职期内。",
    "reviewer_of_unit": "评审人不能评审本单位或本人的作品。",
    "reviewers_complete": "评审人已足额。",
    "not_the_reviewer": "{detail} 不是这件作品的评审人。",
    "mark_missing": "评审表缺少“{detail}”的评分。",
    "mark_out_of_range": "评分超出范围：{detail}。",
    "bad_mark": "评分应当是整数或小数：{detail}。",
    "reviews_missing": "评审还没有完成（{detail}）。",
    "below_pass_mark": "评审平均分没有达到入选线。",
    "already_selected": "作品已经入选，请先取消选用，再退回修改。",
    "returned": "作品已退回修改，请等作者交来修改稿再办理。",
    "not_selected": "作品还没有入选：{detail}",
    "deselected": "作品的入选已被取消，不能再次选用。",
    "work_of_another_unit": "作品 {detail} 不是本单位的。",
    "other_semester": "作品 {detail} 不是这个学期的。",
    "no_works": "还没有可以收入的作品。",
    "title_too_long": "标题不能为空，最多 {detail} 个字。",
    "wrong_stage": "现在应当进行的是：{detail}（first 初审、second 复审、final 终审）。",
    "same_reader": "三审应当由三位不同的人员负责。",
    "not_appointed": "{detail} 不是这一审指定的审读人。",
    "reader_is_author": "{detail} 是作者，不能审读自己的作品。",
    "appoints_own_reader": "审读人、评审人不能由作者或其本人指定。",
    "author_only": "作者已撤回“{detail}”的授权，只能由作者本人重新授权。",
    "other_content": "审读的不是现在的内容，请重新下载后审读。",
    "earlier_than_before": "审读日期早于上一审（{detail}）。",
    "not_in_force": "这一版已退回、撤下或有作者撤回授权，请重新汇编。",
    "not_in_draft": "推文现在的状态是 {detail}，不能这样办理。",
    "readings_missing": "三审三校还没有完成，下一审：{detail}。",
    "screenshot_needed": "手工发布须附页面截图。",
    "bad_link": "链接应当是 http 或 https 地址。",
    "not_published": "推文没有公开，现在的状态是 {detail}。",
    "gone": "内容已不可读：作者的个人信息已删除，或文件不在本机。",
    "no_semester": "{detail} 不在方案的学期表中。",
    "empty_file": "文件是空的。",
    "too_large": "文件太大。",
    "old_or_locked_office_file": "请把文件另存为 .docx（不加密）后再提交。",
    "picture_format": "图片请用 jpg 或 png 格式。",
    "file_type": "只收文字（.txt）、.docx 文档和 jpg、png 图片。",
    "nothing_in_it": "文件里没有文字或图片。",
    "not_text": "文字编码无法识别，请另存为 UTF-8。",
    "macros": "文件带有宏，请另存为不带宏的 .docx。",
    "broken_document": "文件损坏或结构异常，请重新保存后再提交。",
    "broken_picture": "图片损坏。",
    "too_many_pixels": "图片尺寸太大。",
    "missing_glyphs": "下列字符没有可用的字形，请核对或换用字体：{detail}",
    "typesetting_failed": "排版没有成功：{detail}",
    "article_too_long": "推文超过平台上限（两万字符、20 张图片），请分成几篇。",
    "fonts_missing": "没有找到中文字体：{detail}",
    "no_account": "没有为这个公众号配置接口，请用手工发布。",
    "bad_id": "编号只能用字母、数字和 . _ -，最多 64 个字符。",
    "bad_value": "{detail} 填写有误。",
    "no_campaign": "还没有启动活动方案。",
}
_NOT_FOUND = {"unknown_work", "unknown_article", "unknown_anthology", "unknown_video"}
_CONFLICTS = {"conflict", "other_content", "not_in_draft", "not_in_force", "no_campaign", "returned",
              "already_selected"}  # fmt: skip


def problem(code: str, column: str = "", detail: str = "") -> Problem:
    """The problem of a code: `detail` goes into its sentence."""
    status = 404 if code in _NOT_FOUND else 409 if code in _CONFLICTS else 410 if code == "gone" else 422
    sentence = SENTENCES[code].format(detail=detail)
    return Problem(status, code, sentence, column=column)
