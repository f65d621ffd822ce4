"""The metadata that participation's read models are declared in; each feature's tables stand in its `projections`."""

from sqlalchemy import MetaData

from chassis.store.database import ROWS

METADATA = MetaData(schema=ROWS, info={"migrations": "services.participation.migrations"})
