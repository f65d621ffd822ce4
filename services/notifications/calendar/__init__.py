"""The calendar of working days: filled once from a holiday library, then imported and edited by the bureau."""
