"""A file that a service makes, handed to the browser under a name that people read; a refusal comes back in words."""

import tempfile
from pathlib import Path

from flask import Response, send_file
from flask.typing import ResponseReturnValue

from console.components import components
from console.guard import LONGEST_PATH
from console.service_client import ServiceResponse
from console.users import User

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file_or_refusal(
    user: User, service: str, path: str, name: str, **query: str
) -> tuple[ResponseReturnValue | None, ServiceResponse]:  # fmt: skip
    """(the file as an attachment, None where it was refused; the response).  `name` without an ending that
    the service chose.  It is written down: such files bear names of persons."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "file"
        response = components().services.fetch_file(user, service, path, target, **query)
        if not response.ok:
            return None, response
        components().security_log.write_once("export", user.account_id, f"GET {path}"[:LONGEST_PATH])
        ending = ".xlsm" if ".xlsm" in str(response.body.get("disposition")) else ".xlsx"
        answer: Response = send_file(target.open("rb"), XLSX, as_attachment=True, download_name=f"{name}{ending}")
        return answer, response
