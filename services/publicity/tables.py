"""The metadata of publicity's projection tables, including the registry's; each feature declares its tables in its
projections."""

from sqlalchemy import MetaData

from chassis.store.database import ROWS
from services.registry.tables import RegistryTables

metadata = MetaData(schema=ROWS, info={"migrations": "services.publicity.migrations"})
registry = RegistryTables(metadata, names=True, zones=True)
