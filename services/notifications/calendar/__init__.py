"""The working-day calendar: filled once from the holiday library, then imported and edited by the bureau."""
