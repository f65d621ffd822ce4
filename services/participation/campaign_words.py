"""What is wrong with a campaign file, in the words of a bureau's clerk: labels of its keys and a sentence a code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ITEMS: Final[Mapping[str | int, str]] = {
    "duties": "任务", "semesters": "学期", "items": "季考核项目", "points": "积分项",
}  # fmt: skip

LABELS: Final[Mapping[str, str]] = {
    "campaign": "活动编号", "version": "方案版本", "title": "名称", "timezone": "时区", "starts_on": "开始日",
    "closes_on": "结束日", "semesters": "学期表", "defaults": "默认值", "duties": "任务清单", "pauses": "暂停",
    "records_without_duty": "不设任务的填报记录", "findings": "督查问题", "sheets": "季考核表", "awards": "评选",
    "id": "编号", "start": "起始日", "end": "终止日", "due": "截止日", "who": "对象", "kinds": "单位类别",
    "tags": "单位标记", "roles": "人员身份", "every": "周期", "count": "次数", "record": "填报记录", "weight": "权重",
    "due_days": "顺延天数", "late_days": "补报天数", "late_credit": "补报折算", "min_service": "最低任职比例",
    "evidence": "印证资料", "distinct": "去重", "eligibility": "评选条件", "source": "来源",
    "max_points": "最多扣分", "share": "占比", "items": "项目", "max": "满分", "units": "先进单位",
    "individuals": "先进个人", "percent": "百分比", "rounding": "取整", "pass_line": "入围线", "pools": "评选组别",
    "seats": "名额", "allocation": "名额分配", "points": "积分", "on_time": "按时得分", "late": "补报得分",
    "cap": "封顶分", "periods": "周期",
}  # fmt: skip

MESSAGES: Final[Mapping[str, str]] = {
    "file_too_large": "文件超过 {most} KB，不像是方案文件",
    "not_utf8": "这里不是 UTF-8 编码，请把文件另存为 UTF-8",
    "bad_character": "这里有看不见的控制字符，请删去后重新输入",
    "tab": "这里有制表符（Tab），缩进请改用空格",
    "syntax": "第 {column} 列附近写法有误：请检查冒号是否为英文冒号且后面有空格、缩进是否一致、引号和括号是否成对",
    "empty_file": "文件是空的",
    "several_documents": "一个文件只能写一份方案，请删去 “---” 以后的内容",
    "too_deep": "层次太深，最多 {most} 层",
    "alias": "不能使用 “&” 和 “*” 引用，请把内容直接写出来",
    "tag": "不能使用 ! 标签",
    "odd_key": "冒号前面只能是一个词",
    "doubled_key": "{at}重复写了两次，只能保留一个",
    "missing_key": "{at}缺少{key}",
    "unknown_key": "{at}不是认识的项目",
    "not_mapping": "{at}应当是若干“键: 值”，不能是别的内容",
    "not_list": "{at}应当是一个列表",
    "not_text": "{at}应当是文字",
    "not_integer": "{at}应当是整数",
    "not_a_number": "{at}应当是整数、小数或分数（如 1/2）",
    "not_boolean": "{at}只能是 true 或 false",
    "bad_date": "{at}不是有效日期，请写成 2022-11-01 这样",
    "empty": "{at}不能为空",
    "too_long": "{at}太长，最多 {longest} 个字",
    "too_many": "{at}太多，最多 {longest} 项",
    "control_character": "{at}里有换行或控制字符",
    "spaces_around": "{at}前后有多余的空格",
    "out_of_range": "{at}应当在 {low} 到 {high} 之间",
    "not_above": "{at}应当大于 {low}，且不超过 {high}",
    "not_a_choice": "{at}写的是“{value}”，只能是：{allowed}",
    "duplicate": "{at}“{value}”与前面重复",
    "bad_timezone": "{at}“{value}”不存在，例如可写 Asia/Shanghai",
    "closes_too_early": "{at}应当晚于开始日 starts_on",
    "semester_id": "{at}“{id}”会与月、季、年或 once 混淆，请换一个写法，例如 2022-autumn",
    "semester_order": "{at}应当晚于起始日 start",
    "semester_due": "{at}不在学期内，应当不早于起始日 start 且早于终止日 end",
    "semester_overlap": "{at}与学期 {other} 重叠，应当从 {end} 开始",
    "semester_gap": "{at}与学期 {other} 之间有空档，应当从 {end} 开始",
    "no_semesters": "{at}是学期 semester，但学期表 semesters 是空的",
    "counted_twice": "{at}“{record}”已由任务 {other} 计数，一种填报记录只能由一项任务计数",
    "once_without_due": "{at}是一次性任务（every: once），必须写明截止日 due",
    "due_of_another_cadence": "{at}只有一次性任务（every: once）才写；按期任务的截止日由周期决定",
    "who_both": "{at}不能同时写单位（kinds、tags）和人员（roles）",
    "who_neither": "{at}要写明单位（kinds 或 tags）或人员（roles）",
    "unknown_duty": "{at}“{value}”不是任务清单里的任务",
    "unknown_period": "{at}“{value}”不是所列任务的周期，或不在活动期间",
    "pool_overlap": "{at}“{kind}”已在另一组，一类单位只能在一组",
}
