"""What is said of quarantined messages: why they stand aside and what to do, where they came from, their state."""

from collections.abc import Mapping

ORIGINS = {"intake": "接入系统", "inbox": "服务之间", "dead": "消息服务退回"}
STATES = {"open": "待处理", "parked": "排在其后", "retried": "已处理", "discarded": "已放弃"}
OPEN, CLOSED = ("open", "parked"), ("retried", "discarded")
STATE = {"open": "overdue", "parked": "late", "retried": "done", "discarded": "excused"}
"""How a state is coloured, as the states of duties are."""
_AUTHOR = "请接入系统改正后重新报送；内容简单的，也可以在这里更正后重新提交。"
REASONS: Mapping[str, tuple[str, str]] = {
    "bad_content_type": ("内容类型不对", _AUTHOR), "bad_json": ("不是 JSON", _AUTHOR),
    "not_utf8": ("不是 UTF-8 文字", _AUTHOR), "too_large": ("正文过大", "请接入系统分批报送。"),
    "too_deep": ("嵌套层次过深", _AUTHOR), "too_many": ("一次报送的条数过多", "请接入系统分批报送。"),
    "compressed": ("正文经过压缩", "请接入系统不压缩报送。"), "bad_event": ("不是一条可读的事件", _AUTHOR),
    "bad_text": ("含有不能使用的字符", _AUTHOR),
    "not_your_source": ("来源没有登记", "在“接入系统”登记这个来源，再重试；不认识的来源请放弃。"),
    "not_your_type": ("没有登记这类事件", "在“接入系统”变更可报送的类型，再重试。"),
    "not_your_unit": ("不是登记的单位", "在“接入系统”变更可报送的单位，再重试；或者放弃。"),
    "not_your_row": ("不是该系统报送的数据", "请由原来报送的系统更正；这一件可以放弃。"),
    "bad_wire": ("不是服务之间的消息", "消息声称来自一个服务，格式却不对。查明是谁发送的，再放弃。"),
    "unknown_version": ("来自更新版本的服务", "先升级本服务，升级后会自动重试。"),
    "handler_failed": ("处理时出错", "这是程序的差错。正文和出错位置在这一件的页面上，请交给维护人员；升级后重试。"),
    "behind": ("排在前一件之后", "同一数据的前一件处理好以后，会一起处理。"),
    "gave_up": ("消息服务多次投递没有成功", "查看系统状态，服务恢复后重试。"),
}  # fmt: skip
"""By code: what it is called, and what to do."""
OTHER = "查看这一件的说明，改正原因后重试；没有用处的可以放弃。"


def reason(code: str) -> str:
    return REASONS[code][0] if code in REASONS else code


def advice(code: str) -> str:
    return REASONS[code][1] if code in REASONS else OTHER
