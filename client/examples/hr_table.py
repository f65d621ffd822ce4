"""人事系统的 staff 表：入职报任职，离职报任职结束；与报送标志在同一事务里入发件箱，然后发送。

An HR system's table of staff: the reports are in the outbox in the same transaction as the flag that says so, and are
then sent.  python3 hr_table.py hr.sqlite https://qihang.example.cn/s/participation token-file
"""

import sqlite3
import sys
from pathlib import Path

from qihang_client import HttpSender, Outbox, Service

SOURCE = "/hr.example/staff"
ROLES = {"教师": "teacher", "干部": "cadre", "其他": "other"}


def collect(database: str) -> None:
    with sqlite3.connect(database) as connection:  # commits at its end, or rolls everything back
        outbox = Outbox(connection, SOURCE)
        for number, name, role, school, hired in connection.execute(
            "SELECT number, name, role, school, hired FROM staff WHERE hired_reported = 0"
        ).fetchall():
            row = {"person_id": number, "name": name, "role": ROLES[role], "unit_id": school, "from": hired}
            outbox.add("membership.reported", row)
            connection.execute("UPDATE staff SET hired_reported = 1 WHERE number = ?", (number,))
        for number, school, hired, left in connection.execute(
            "SELECT number, school, hired, left_on FROM staff WHERE left_on != '' AND left_reported = 0"
        ).fetchall():
            outbox.add("membership.ended", {"person_id": number, "unit_id": school, "from": hired, "to": left})
            connection.execute("UPDATE staff SET left_reported = 1 WHERE number = ?", (number,))


if __name__ == "__main__":
    database, address, token_file = sys.argv[1:4]
    collect(database)
    outbox = Outbox(database, SOURCE)
    HttpSender(outbox, Service(address, Path(token_file).read_text("utf-8"))).send()
    print(outbox.counts())
    for entry in outbox.entries("refused"):
        print(entry.data["person_id"], entry.column, entry.code, entry.message)
