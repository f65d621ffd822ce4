"""The official accounts with an API, from the YAML file of the setting `wechat_accounts`; secrets only from files, with
paths relative to its folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from chassis.process.settings import BadSetting

PLATFORM = "https://api.weixin.qq.com"


@dataclass(frozen=True)
class Account:
    """An account: `district`, or a unit's by id.  `url`: the platform's, or that of a relay whose address is in the
    platform's whitelist; `author`: shown under the title."""

    name: str
    appid: str
    secret_file: str
    callback_token_file: str
    url: str
    author: str

    def secret(self) -> str:
        return Path(self.secret_file).read_text(encoding="utf-8").strip()

    def callback_token(self) -> str:
        if not self.callback_token_file:
            return ""
        return Path(self.callback_token_file).read_text(encoding="utf-8").strip()


def accounts(path: str) -> dict[str, Account]:
    """The accounts by name; none without a file.  Raises BadSetting."""
    if not path:
        return {}
    try:
        result = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return {str(name): _account(str(name), given, Path(path).parent) for name, given in result["accounts"].items()}
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise BadSetting(f"QIHANG_WECHAT_ACCOUNTS: {path} is not a file of accounts ({type(error).__name__})") from None


def _account(name: str, given: Mapping[str, str], folder: Path) -> Account:
    callback = given.get("callback_token_file", "")
    account = Account(name, given["appid"], str(folder / given["secret_file"]), callback and str(folder / callback),
                   given.get("url", PLATFORM).rstrip("/"), given.get("author", ""))  # fmt: skip
    try:
        if account.secret():
            return account
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"QIHANG_WECHAT_ACCOUNTS: {name}: {account.secret_file} cannot be read ({error})") from None
    raise BadSetting(
        f"QIHANG_WECHAT_ACCOUNTS: {name}: {account.secret_file} is empty; write the account's secret into it"
    )
