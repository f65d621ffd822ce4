"""Part of `qihang verify --files`: the files that the log of a service names against it."""

from cli.api_client import ApiClient

SERVICES = ("publicity", "participation")
"""Those whose log names files: publicity's works and finished ones, participation's evidence."""
STATES = {"missing": "缺失", "changed": "内容被改动"}


def compare_files(client: ApiClient, service: str) -> tuple[str, bool]:
    """The lines to print, and whether all is as it should be.  Files that no event names are not counted as broken."""
    checked = erased = 0
    lines: list[str] = []
    orphans: list[str] = []
    count = 0
    for entry in client.get(service, "/feed").get("partitions") or ():
        partition, after = int(entry["partition"]), -1
        while True:
            part = client.get(service, "/api/verify/files", partition=partition, after=max(after, 0))
            checked, erased = checked + int(part["checked"]), erased + int(part["erased"])
            lines += [f"  {item['file']} {STATES[item['state']]}：{item['stream']}，位置 {item['position']}"
                      for item in part["problems"]]  # fmt: skip
            if part["orphan_count"]:
                orphans, count = part["orphans"], int(part["orphan_count"])
            if int(part["position"]) <= after or int(part["position"]) >= int(part["head"]):
                break
            after = int(part["position"])
    verdict = f"broken 有 {len(lines)} 个与日志不符" if lines else "一致"
    unread = f"，{erased} 个的密钥已删除，无法读取" if erased else ""
    left = f"，{count} 个没有事件提到，一天后自动清除" if count else ""
    names = [f"  {address} 没有事件提到" for address in orphans]
    return "\n".join([f"{service} 文件 {verdict}，核对 {checked} 个{unread}{left}", *lines, *names]), not lines
