"""The official accounts with an API, from the YAML file of the setting `wechat_accounts`; secrets only from files, with
paths relative to its folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        given = _read(Path(path))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadSetting(f"QIHANG_WECHAT_ACCOUNTS: {path} is not a file of accounts: {error}") from None
    listed = given.get("accounts") if isinstance(given, dict) else None
    if not isinstance(listed, dict):
        raise BadSetting(f"QIHANG_WECHAT_ACCOUNTS: {path} is not a file of accounts: it begins with `accounts:`, and "
                         "under it each account by its name")  # fmt: skip
    return {str(name): _account(str(name), each, Path(path).parent) for name, each in listed.items()}


def _read(path: Path) -> Any:
    """Raises yaml.YAMLError, also for a key that its mapping gives twice, which YAML readers take in silence."""
    loader = yaml.SafeLoader(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _refuse_repeated_keys(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_repeated_keys(node: yaml.Node) -> None:
    before: set[str] = set()
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value in before:
            raise yaml.MarkedYAMLError(problem=f"{key.value} is given twice", problem_mark=key.start_mark)
        before.add(key.value)
        _refuse_repeated_keys(value)


def _account(name: str, given: Any, folder: Path) -> Account:
    missing = [each for each in ("appid", "secret_file") if not isinstance(given, Mapping) or not given.get(each)]
    if missing:
        raise BadSetting(f"QIHANG_WECHAT_ACCOUNTS: {name}: {' and '.join(missing)} must be given")
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
