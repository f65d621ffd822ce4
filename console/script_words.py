"""What the pages' script says (console/static/qihang.js), which has no words of its own."""

from console.language import words

WORDS = {
    "away": "已断开，页面内容截至 {time}。恢复后自动继续，填写的内容不会丢失。",
    "failed": "没有成功，请刷新页面后再试。",
    "refused": "您不能办理这一项。",
    "reload": "刷新",
    "kept": "{time} 填写的内容还没有提交。",
    "restore": "恢复填写",
    "forget": "不要了",
    "lost": "填写的内容已留在这台电脑上，登录后可以恢复。",
    "unsent": "您有填写的内容还没有提交。",
    "back": "回到填写的页面",
}
"""By the names that the script asks for."""


def script_words() -> dict[str, str]:
    return {name: words(text) for name, text in WORDS.items()}
