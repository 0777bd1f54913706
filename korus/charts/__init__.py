"""Charts of the report: functions from tables to Altair charts, one module per chapter."""
