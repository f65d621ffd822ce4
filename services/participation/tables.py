"""The metadata of participation's read models; each feature declares its tables in its `projections`."""

from sqlalchemy import MetaData

from chassis.store.database import ROWS

METADATA = MetaData(schema=ROWS, info={"migrations": "services.participation.migrations"})
