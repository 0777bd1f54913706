"""From raw tables to tidy ones: one module per table of the report, each row with its origin."""
