"""`python -m console.store.upgrade [STORE]`: brings the tables of the console's store, by default the environment's, to
the version of this code (`qihang upgrade`)."""

import os
import sys
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from console.settings import database_url
from console.store.database import Store, StoreMismatch


def main(arguments: list[str]) -> int:
    url = f"sqlite:///{arguments[0]}" if arguments else database_url(os.environ)
    place = sa.make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(place.database or "").is_file():
        sys.stderr.write(f"qihang: there is no store of the console at {place.database}\n")
        return 1
    try:
        store = Store(url)
        store.install(migrate=True)
        store.close()
    except (StoreMismatch, SQLAlchemyError, OSError) as error:
        sys.stderr.write(f"qihang: {error}\n")
        return 1
    sys.stdout.write("console 已是最新版本\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
