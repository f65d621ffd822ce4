"""Why a message was not taken, in words: known faults, and what a mail server or a platform answered."""

from console.language import words

FAULTS = {
    "no_connection": "连接不上服务器", "connect": "连接不上服务器", "timeout": "服务器很久没有答复",
    "auth": "邮件服务器不接受登录", "no_answer": "服务器没有答复", "lost": "连接中断",
    "channel_off": "这个通道没有启用", "bad_address": "地址不能用", "no_smtputf8": "邮件服务器不接收这种文字的地址",
    "not_wecom": "答复的不是企业微信", "not_dingtalk": "答复的不是钉钉",
}  # fmt: skip
ANSWERS = {
    "smtp": "邮件服务器答复", "http": "服务器答复", "wecom": "企业微信答复", "dingtalk": "钉钉答复",
}  # fmt: skip
"""By the beginning of a code whose number says the rest."""


def fault_words(code: str) -> str:
    """A code in words; what is no known one stands as it is."""
    server, _, number = code.partition("_")
    if server in ANSWERS and number.isdecimal():
        return f"{words(ANSWERS[server])} {number}"
    return words(FAULTS[code]) if code in FAULTS else code


def fault_of(code: str, detail: str) -> str:
    """The same, with what the other side said; what it says of a known fault are words of programs."""
    return fault_words(code) if code in FAULTS else f"{fault_words(code)} {detail}".strip()
